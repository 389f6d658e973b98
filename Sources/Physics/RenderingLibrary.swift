internal import COffscreen

/// Who draws without a screen.
public enum RenderingLibrary: String, Sendable, Hashable, CaseIterable {
    /// Mesa's own off-screen library; in Debian 12 and Ubuntu 24.04, gone from Mesa 25 on.
    case osmesa
    /// EGL without a surface, on a graphics card or in software.
    case egl
}

/// An OpenGL context that belongs to no screen.
///
/// Safety: the context is made in `init` and freed in `deinit`, never leaves this class, and is used
/// by one thread at a time (the class is not Sendable).
@safe final class OffscreenContext {
    private let context: OpaquePointer

    init(_ library: RenderingLibrary, width: Int, height: Int) throws(PhysicsError) {
        var message = [CChar](repeating: 0, count: 500)
        let kind = library == .osmesa ? sacbot_gl_osmesa : sacbot_gl_egl
        guard
            let context = unsafe sacbot_gl_open(
                kind,
                Int32(width),
                Int32(height),
                &message,
                message.count
            )
        else {
            let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw .noRendering(
                library: library.rawValue,
                reason: String(decoding: bytes, as: UTF8.self)
            )
        }
        unsafe self.context = unsafe context
    }

    /// Makes it the calling thread's; false if the library refuses.
    func makeCurrent() -> Bool { unsafe sacbot_gl_make_current(context) != 0 }

    deinit { unsafe sacbot_gl_close(context) }
}
