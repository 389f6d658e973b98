import Foundation

/// The bytes of a file the program was pointed at.
func contents(of path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
        throw Failure("\(path) cannot be read; check that it is there and that you may read it")
    }
    return [UInt8](data)
}
