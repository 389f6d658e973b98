import Foundation

/// The machine a run or a report was made on, for people who compare figures.
enum HostDescription {
    /// Name, processor and its number of cores, system: `bench, AMD Ryzen 7 5800X, 16 cores, ...`.
    static var text: String {
        var name = utsname()
        guard unsafe uname(&name) == 0 else { return "unknown" }
        func words<T>(_ field: T) -> String {
            unsafe withUnsafeBytes(of: field) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
        }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return [
            words(name.nodename), processor ?? words(name.machine),
            "\(cores) core\(cores == 1 ? "" : "s")",
            "\(words(name.sysname)) \(words(name.release))",
        ].joined(separator: ", ")
    }

    /// What the kernel calls the processor; not every architecture has a name for it.
    private static var processor: String? {
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
            return nil
        }
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let key = parts[0].trimmingCharacters(in: .whitespaces)
            if key == "model name" || key == "Model" {
                return parts[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }
}
