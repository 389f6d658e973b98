import CKernels

/// Matrix products of the learner's shapes, on one core, in useful floating-point operations.
enum KernelProducts {
    static let name = "kernels.gemm.gflops"

    private static let repetitions = 15
    /// Operations of one repetition: 10 to 30 ms.
    private static let burst = 2e9

    /// A product's shape: C (rows x columns), and how its factors lie in memory.
    struct Shape {
        /// As BLAS writes it: NN is A B, TN is Aᵀ B, NT is A Bᵀ.
        enum Form: String { case plain = "NN", firstTurned = "TN", secondTurned = "NT" }

        let rows: Int
        let columns: Int
        let inner: Int
        let form: Form

        /// Multiplications and additions.
        var operations: Double { 2 * Double(rows) * Double(columns) * Double(inner) }

        /// Hidden and first layer forward, their weights' gradients, and what goes back through the
        /// hidden layer and the actor's head.
        static let learner = [
            Shape(rows: 256, columns: 256, inner: 256, form: .plain),
            Shape(rows: 256, columns: 256, inner: 23, form: .plain),
            Shape(rows: 256, columns: 12, inner: 256, form: .plain),
            Shape(rows: 256, columns: 256, inner: 256, form: .firstTurned),
            Shape(rows: 23, columns: 256, inner: 256, form: .firstTurned),
            Shape(rows: 256, columns: 256, inner: 256, form: .secondTurned),
            Shape(rows: 256, columns: 256, inner: 12, form: .secondTurned),
        ]
    }

    static func measure() throws -> [Figure] {
        let levels = (0..<Int32(CK_LEVEL_COUNT)).filter(ck_has_level)
        var products = levels.flatMap { level in
            Shape.learner.map { (level: level, product: Product($0), rates: [Double]()) }
        }
        for _ in 0..<repetitions {
            for index in products.indices {
                let (level, product) = (products[index].level, products[index].product)
                products[index].rates.append(try rate(product, level: level))
            }
        }
        return products.map { figure($0.product.shape, level: $0.level, rates: $0.rates) }
    }

    /// The rate of the largest product at the best level.
    static func bestRate() throws -> Double {
        let (level, product) = (ck_best_level(), Product(Shape.learner[0]))
        return try (0..<repetitions).map { _ in try rate(product, level: level) }.median
    }

    /// Operations a nanosecond in one burst.
    private static func rate(_ product: Product, level: Int32) throws -> Double {
        let count = max(1, Int(burst / product.shape.operations) / slowness(level))
        let spent = try Undisturbed.run {
            processorNanoseconds { for _ in 0..<count { product.multiply(level: level) } }
        }
        return product.shape.operations * Double(count) / Double(spent)
    }

    /// About how many times the fastest level's time this one takes, so that all bursts are short.
    private static func slowness(_ level: Int32) -> Int { level == CK_LEVEL_PLAIN ? 8 : 1 }

    private static func figure(_ shape: Shape, level: Int32, rates: [Double]) -> Figure {
        let names = ["plain", "avx2", "avx512", "neon"]
        return Figure(
            name: name,
            value: rates.median,
            unit: "GFLOP/s",
            parameters: [
                "level": .text(names[Int(level)]),
                "m": .integer(shape.rows),
                "n": .integer(shape.columns),
                "k": .integer(shape.inner),
                "form": .text(shape.form.rawValue),
                "cores": .integer(1),
                "max": .number(rates.quantile(1)),
                "repetitions": .integer(repetitions),
            ]
        )
    }
}

/// One product's factors and its result.
private final class Product {
    let shape: KernelProducts.Shape
    private let a: Operand
    private let b: Operand
    private let c: Operand
    private let panel: Operand

    init(_ shape: KernelProducts.Shape) {
        self.shape = shape
        let (rows, columns, inner) = (shape.rows, shape.columns, shape.inner)
        a = shape.form == .firstTurned ? Operand(inner, rows) : Operand(rows, inner)
        b = shape.form == .secondTurned ? Operand(columns, inner) : Operand(inner, columns)
        c = Operand(rows, columns)
        panel = Operand(inner, Int(CK_PANEL_COLUMNS))
    }

    func multiply(level: Int32) {
        if shape.form == .secondTurned {
            unsafe ck_gemm_transposed(
                level,
                shape.rows,
                shape.columns,
                shape.inner,
                a.floats,
                a.stride,
                b.floats,
                b.stride,
                c.floats,
                c.stride,
                ck_epilogue(),
                panel.floats
            )
        } else {
            unsafe ck_gemm(
                level,
                shape.form == .firstTurned,
                shape.rows,
                shape.columns,
                shape.inner,
                a.floats,
                a.stride,
                b.floats,
                b.stride,
                c.floats,
                c.stride,
                ck_epilogue()
            )
        }
    }
}

/// A matrix as the kernels want it: padded rows on 64-byte boundaries.
@safe private final class Operand {
    // Safety: owned by this object alone, initialised in init, freed in deinit; each is as large as
    // the shape that a product was made with asks for.
    @unsafe let floats: UnsafeMutablePointer<Float>
    let stride: Int

    init(_ rows: Int, _ columns: Int) {
        stride = (columns + 15) / 16 * 16
        let raw = UnsafeMutableRawPointer.allocate(byteCount: rows * stride * 4, alignment: 64)
        unsafe floats = raw.bindMemory(to: Float.self, capacity: rows * stride)
        // Neither zeros nor numbers that vanish, which some processors multiply at another speed.
        for place in 0..<rows * stride {
            unsafe floats[place] = place % stride < columns ? Float(place % 13) - 6.5 : 0
        }
    }

    deinit { unsafe floats.deallocate() }
}
