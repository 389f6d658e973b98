import Glibc

exit(BenchProgram.run(arguments: Array(CommandLine.arguments.dropFirst())))
