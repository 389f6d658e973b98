/// Where each layer of an encoder lies in its flat parameter buffer, and how large pictures are on
/// their way through it.
///
/// Convolutions of 3x3, each rectified and some pooled, then, for the small encoder, a linear layer
/// with layer norm and tanh. Weights of a convolution lie as row, column, channel, filter.
struct EncoderShape: Sendable, Equatable {
    /// One convolution: what it reads, what it does, where its parameters lie.
    struct Convolution: Sendable, Equatable {
        /// Rows, columns and channels of what it reads.
        let inputRows, inputColumns, channels: Int
        let filters: Int
        /// Pixels from one window to the next.
        let stride: Int
        /// Rows and columns of zeros around what it reads.
        let padding: Int
        /// Whether the largest of each 2x2 outputs is what goes on.
        let isPooled: Bool
        let weightOffset: Int

        /// Rows before pooling.
        var rows: Int { (inputRows + 2 * padding - 3) / stride + 1 }
        /// Columns before pooling.
        var columns: Int { (inputColumns + 2 * padding - 3) / stride + 1 }
        var outputRows: Int { isPooled ? rows / 2 : rows }
        var outputColumns: Int { isPooled ? columns / 2 : columns }
        /// Products that each output sums.
        var taps: Int { 9 * channels }
        var weightCount: Int { taps * filters }
        var biasOffset: Int { weightOffset + (weightCount + 15) / 16 * 16 }
        /// Where its parameters end.
        var end: Int { biasOffset + (filters + 15) / 16 * 16 }
    }

    /// The linear layer behind the convolutions, with layer norm and tanh.
    struct Head: Sendable, Equatable {
        let inputs: Int
        let outputs: Int
        let weightOffset: Int

        var stride: Int { Matrix.stride(outputs) }
        var biasOffset: Int { weightOffset + inputs * stride }
        var gainOffset: Int { biasOffset + stride }
        var shiftOffset: Int { gainOffset + stride }
        var end: Int { shiftOffset + stride }
    }

    let kind: LearnerSettings.Encoder
    let image: ImageLayout
    let convolutions: [Convolution]
    let head: Head?
    /// Floats in the parameter buffer, padding included.
    let count: Int

    /// The encoder of this name; `nil` for none.
    ///
    /// Traps on pictures that are too small (`LearnerSettings.problem(of:)`).
    init?(_ encoder: LearnerSettings.Encoder, image: ImageLayout) {
        switch encoder {
        case .none: return nil
        case .paper:
            // Convolutions that keep the size, each halved by pooling.
            var builder = Builder(image)
            for _ in 0..<2 { builder.add(4, stride: 1, padding: 1, isPooled: true) }
            self.init(kind: .paper, image, builder.convolutions, outputs: nil)
        case .small:
            // Convolutions without padding, then a linear layer.
            var builder = Builder(image)
            for stride in [2, 2, 1, 1] {
                builder.add(32, stride: stride, padding: 0, isPooled: false)
            }
            self.init(kind: .small, image, builder.convolutions, outputs: 50)
        }
    }

    private init(
        kind: LearnerSettings.Encoder,
        _ image: ImageLayout,
        _ convolutions: [Convolution],
        outputs: Int?
    ) {
        self.kind = kind
        self.image = image
        self.convolutions = convolutions
        let last = convolutions[convolutions.count - 1]
        precondition(last.outputRows > 0 && last.outputColumns > 0, "pictures too small")
        head = outputs.map {
            Head(
                inputs: last.outputRows * last.outputColumns * last.filters,
                outputs: $0,
                weightOffset: last.end
            )
        }
        count = head?.end ?? last.end
    }

    /// Convolutions one behind the other.
    private struct Builder {
        var convolutions: [Convolution] = []
        private var (rows, columns, channels): (Int, Int, Int)

        init(_ image: ImageLayout) {
            (rows, columns, channels) = (image.height, image.width, image.depth)
        }

        mutating func add(_ filters: Int, stride: Int, padding: Int, isPooled: Bool) {
            let convolution = Convolution(
                inputRows: rows,
                inputColumns: columns,
                channels: channels,
                filters: filters,
                stride: stride,
                padding: padding,
                isPooled: isPooled,
                weightOffset: convolutions.last?.end ?? 0
            )
            convolutions.append(convolution)
            (rows, columns) = (convolution.outputRows, convolution.outputColumns)
            channels = filters
        }
    }

    /// Numbers that the convolutions make of a picture.
    var flatCount: Int {
        let last = convolutions[convolutions.count - 1]
        return last.outputRows * last.outputColumns * last.filters
    }

    /// Numbers that come out.
    var featureCount: Int { head?.outputs ?? flatCount }

    /// Multiplications and additions of one picture's forward pass.
    var operations: Int {
        let convolved = convolutions.map { 2 * $0.rows * $0.columns * $0.weightCount }
        return convolved.reduce(0, +) + (head.map { 2 * $0.inputs * $0.outputs } ?? 0)
    }
}

extension EncoderShape {
    /// The linear layer's weights, inputs x outputs.
    func headWeights(_ head: Head, in buffer: FloatBuffer) -> Matrix {
        Matrix(
            buffer,
            offset: head.weightOffset,
            rows: head.inputs,
            columns: head.outputs,
            stride: head.stride
        )
    }

    /// A row of the head's parameters, 1 x outputs.
    func headRow(_ head: Head, at offset: Int, in buffer: FloatBuffer) -> Matrix {
        Matrix(buffer, offset: offset, rows: 1, columns: head.outputs, stride: head.stride)
    }

    /// Draws weights and biases uniformly from ±1/sqrt(inputs), PyTorch's rule for both kinds of
    /// layer; gains are 1, shifts 0.
    func initialize(_ buffer: FloatBuffer, random: inout RandomSource) {
        for convolution in convolutions {
            let bound = 1 / Double(convolution.taps).squareRoot()
            for index in 0..<convolution.weightCount {
                buffer[convolution.weightOffset + index] = Float(random.uniform(in: -bound...bound))
            }
            for index in 0..<convolution.filters {
                buffer[convolution.biasOffset + index] = Float(random.uniform(in: -bound...bound))
            }
        }
        guard let head else { return }
        let bound = 1 / Double(head.inputs).squareRoot()
        headWeights(head, in: buffer).fill { _, _ in Float(random.uniform(in: -bound...bound)) }
        headRow(head, at: head.biasOffset, in: buffer).fill { _, _ in
            Float(random.uniform(in: -bound...bound))
        }
        headRow(head, at: head.gainOffset, in: buffer).fill { _, _ in 1 }
    }
}

extension LearnerSettings {
    /// What keeps these settings from working with such pictures, in words for a person; `nil` when
    /// nothing does.
    ///
    /// An encoder needs pictures and pictures need an encoder.
    public func problem(of image: ImageLayout?) -> String? {
        guard let image else {
            return encoder == .none
                ? nil : "the encoder \(encoder.rawValue) without pictures; give the robot a camera"
        }
        if encoder == .none { return "pictures without an encoder; add `encoder: paper`" }
        if let problem = image.problem { return problem }
        // The small encoder halves twice and loses two pixels four times.
        let least = encoder == .small ? 23 : 8
        if image.width < least || image.height < least {
            return "pictures of \(image.width) x \(image.height) pixels for the encoder "
                + "\(encoder.rawValue), which needs \(least) either way"
        }
        return nil
    }
}
