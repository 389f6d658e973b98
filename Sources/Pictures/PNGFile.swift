internal import CPNG
public import Robot

/// Why a picture could not be written.
public struct PNGError: Error, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What libpng said.
    public let reason: String

    /// What happened and what to do, for a person.
    public var description: String {
        "cannot write \(path): \(reason); look at the folder and disk"
    }
}

/// Pictures as PNG files, for people.
public enum PNGFile {
    /// Writes rows of RGB pixels from above; each pixel becomes a square of `scale` pixels.
    public static func write(
        _ pixels: [UInt8],
        size: PictureSize,
        scale: Int = 1,
        to path: String
    ) throws(PNGError) {
        precondition(pixels.count == size.byteCount && scale > 0, "a picture of another size")
        let width = size.width * scale
        var enlarged = [UInt8](repeating: 0, count: width * size.height * scale * 3)
        for index in enlarged.indices {
            let (row, column) = (index / 3 / width / scale, index / 3 % width / scale)
            enlarged[index] = pixels[(row * size.width + column) * 3 + index % 3]
        }
        var image = unsafe png_image()
        unsafe image.version = UInt32(PNG_IMAGE_VERSION)
        unsafe image.width = UInt32(width)
        unsafe image.height = UInt32(size.height * scale)
        unsafe image.format = UInt32(PNG_FORMAT_FLAG_COLOR)
        let done = unsafe enlarged.withUnsafeBytes { bytes in
            unsafe png_image_write_to_file(&image, path, 0, bytes.baseAddress, 0, nil)
        }
        guard done == 0 else { return }
        let reason = unsafe words(&image)
        throw PNGError(path: path, reason: reason)
    }

    /// Rows of RGB pixels from above as a PNG file's bytes.
    public static func bytes(_ pixels: [UInt8], size: PictureSize) throws(PNGError) -> [UInt8] {
        precondition(pixels.count == size.byteCount, "a picture of another size")
        var image = unsafe png_image()
        unsafe image.version = UInt32(PNG_IMAGE_VERSION)
        unsafe image.width = UInt32(size.width)
        unsafe image.height = UInt32(size.height)
        unsafe image.format = UInt32(PNG_FORMAT_FLAG_COLOR)
        // A PNG is never much larger than its pixels: zlib's worst case, a byte a row, its blocks.
        var length = size.byteCount + size.byteCount / 100 + size.height + 4096
        var file = [UInt8](repeating: 0, count: length)
        let isDone = unsafe pixels.withUnsafeBytes { rows in
            unsafe png_image_write_to_memory(&image, &file, &length, 0, rows.baseAddress, 0, nil)
        }
        if isDone != 0 { return Array(file.prefix(length)) }
        let reason = unsafe words(&image)
        throw PNGError(path: "a picture", reason: reason)
    }

    private static func words(_ image: inout png_image) -> String {
        unsafe withUnsafeBytes(of: &image.message) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
