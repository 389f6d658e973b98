import Robot

/// Reads the robot file's `cameras:`.
enum CameraFileReader {
    static func cameras(_ root: Section) -> [CameraDescription] {
        (root.optionalNamedSections("cameras") ?? []).map { read($0.section, name: $0.name) }
    }

    private static func read(_ section: Section, name: String) -> CameraDescription {
        let rate = section.quantity("rate", .hertz, in: 1...1000, default: 30)
        var camera = CameraDescription(
            name: name,
            pipeline: section.optionalText("pipeline"),
            modelCamera: section.text("model_camera", default: name),
            rate: rate,
            size: size(section),
            crop: crop(section),
            // Three pictures: one that is being taken, one on its way, one that was lost.
            latestAge: section.quantity(
                "latest_age",
                .seconds,
                in: 0.001...10,
                default: max(0.1, 3 / rate)
            )
        )
        camera.frozenAfter = section.quantity("frozen_after", .seconds, in: 0...60, default: 1)
        if camera.frozenAfter == 0 { camera.frozenAfter = nil }
        camera.darkBelow = section.quantity("dark_below", .fraction, in: 0...1, default: 0.02)
        camera.darkAfter = section.quantity("dark_after", .seconds, in: 0...60, default: 0.5)
        if camera.latestAge < 1 / rate {
            section.report("latest_age", "it has to be at least one picture, 1 / rate")
        }
        return camera
    }

    /// `32x32`: columns, then rows.
    private static func size(_ section: Section) -> PictureSize {
        let text = section.text("size", default: "32x32")
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        let range = 8...512
        guard sides.count == 2, let width = sides[0], let height = sides[1],
            range.contains(width), range.contains(height)
        else {
            section.report("size", "columns and rows of 8 to 512 pixels are needed, as in 32x32")
            return PictureSize(width: 32, height: 32)
        }
        return PictureSize(width: width, height: height)
    }

    /// Shares of the picture; all of it by default.
    private static func crop(_ section: Section) -> PictureCrop {
        guard let part = section.optionalSection("crop") else { return PictureCrop() }
        let share = 0.0...0.95
        var crop = PictureCrop(
            left: part.quantity("left", .fraction, in: share, default: 0),
            top: part.quantity("top", .fraction, in: share, default: 0)
        )
        let sides = 0.05...1.0
        crop.width = part.quantity("width", .fraction, in: sides, default: 1 - crop.left)
        crop.height = part.quantity("height", .fraction, in: sides, default: 1 - crop.top)
        if crop.left + crop.width > 1 + 1e-9 || crop.top + crop.height > 1 + 1e-9 {
            part.report(
                "it reaches beyond the picture: left + width and top + height are at most 100 %"
            )
            return PictureCrop()
        }
        return crop
    }
}
