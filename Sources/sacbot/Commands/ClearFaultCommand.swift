import ArgumentParser
import Foundation
import Journal
import Operator

/// The command `sacbot clear-fault`.
struct ClearFaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear-fault",
        abstract: "Says that a latched fault was looked into: the robot may be armed again.",
        discussion: """
            Asks the program that runs the robot; if none does, clears what the last one left.

            Example: sacbot clear-fault --robot claw
            """
    )

    @OptionGroup var options: SocketOptions
    @Option(help: "The folder of all runs, if no program runs the robot.")
    var runs: String = "runs"

    func run() throws {
        // A program that knows of no fault may be a simulation; the latch may be the hardware's.
        if let reply = try askProgram(), reply.ok || reply.state.fault != nil {
            print(reply.message)
            if !reply.ok { throw ExitCode(1) }
            return
        }
        // The service's latch lies where the service's runs do.
        let service = FaultLatch(folder: DaemonCommand.stateFolder, robot: options.robot)
        let isService = FileManager.default.fileExists(atPath: service.path)
        print(try Self.clear(isService ? service : FaultLatch.of(options.robot, runs: runs)))
    }

    /// What the program that runs the robot says; `nil` if there is none.
    private func askProgram() throws(ControlSocketError) -> OperatorReply? {
        do throws(ControlSocketError) {
            return try ControlClient.ask(OperatorRequest(.clearFault), robot: options.robot)
        } catch {
            guard case .nobodyListens = error else { throw error }
            return nil
        }
    }

    /// Clears a latch file; what it held, in words.
    static func clear(_ latch: FaultLatch) throws -> String {
        var words = "no fault is latched"
        do throws(JournalError) {
            if let fault = try latch.read() { words = "cleared: \(fault.words)" }
        } catch {
            // It is cleared all the same: that is what was asked for.
            words = "cleared: \(error)"
        }
        try latch.clear()
        return words
    }
}
