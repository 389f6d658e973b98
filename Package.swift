// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target under Sources is compiled the same way (docs/decisions/001).
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Tests may use pointers and forced unwraps; warnings are still errors.
let tested: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// One line of DESIGN.md's module table: a target may import what stands here and nothing else.
func module(
    _ name: String,
    _ ours: [Target.Dependency] = [],
    outside: [Target.Dependency] = [],
    exclude: [String] = []
) -> Target {
    .target(name: name, dependencies: ours + outside, exclude: exclude, swiftSettings: strict)
}

/// MuJoCo; with SACBOT_LEAN=1 its headers only, for small boards that drive a real robot and never
/// simulate one: what would need a model says that it is not there.
let physics: Target =
    Context.environment["SACBOT_LEAN"] == "1"
    ? .target(name: "CMuJoCo", path: "Sources/CMuJoCoLean")
    : .systemLibrary(name: "CMuJoCo", providers: [.apt(["libmujoco-dev"])])

func tests(
    _ name: String,
    _ dependencies: [Target.Dependency],
    exclude: [String] = []
) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: dependencies,
        exclude: exclude,
        swiftSettings: tested
    )
}

/// What speaks HTTP.
let web: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
]

let package = Package(
    name: "sacbot",
    products: [
        .executable(name: "sacbot", targets: ["sacbot"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        // Without traits: no configuration reader, FoundationEssentials only.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird",
            exact: "2.28.1",
            traits: []
        ),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    ],
    targets: [
        // Words: what a robot is, what a servo says.
        module("Robot"),
        module("ServoProtocol", exclude: ["generate-control-tables.py"]),
        module("GymProtocol"),
        module("Realtime", outside: ["CRealtime"]),
        module("Pictures", ["Robot"], outside: ["CPNG"]),

        // Judges: files, safety, learning.
        module("RobotFiles", ["Robot"], outside: ["CYAML"]),
        module("Safety", ["Robot"]),
        module(
            "Learning",
            outside: ["CKernels", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
            exclude: ["ONNX/Generated/onnx.proto"]
        ),
        module("SoftMDP"),
        module("Journal", outside: ["CZstd", .product(name: "GRDB", package: "GRDB.swift")]),

        // Bodies: the real robot, the simulated one, the emulated servos.
        module(
            "ServoHardware",
            ["Robot", "Safety", "ServoProtocol", "Realtime"],
            outside: ["CSerialPort", "CTerminal"]
        ),
        module("Camera", ["Robot", "Realtime", "Pictures"], outside: ["CCamera"]),
        module("Physics", ["Robot"], outside: ["CMuJoCo", "COffscreen"]),
        module("Simulation", ["Robot", "Safety", "Physics", "Pictures"]),
        module(
            "ServoEmulator",
            ["Robot", "ServoProtocol", "Realtime", "Physics"],
            outside: ["CTerminal"]
        ),

        // Doers: episodes, training, evaluation.
        module("Control", ["Robot", "Safety", "Realtime", "Learning", "Pictures"]),
        module("Training", ["Control", "Learning", "Journal", "Realtime"]),
        module("Plot"),
        module(
            "Evaluation",
            ["Robot", "Safety", "Control", "Learning", "Journal", "Pictures", "Plot"]
        ),
        module("Report", ["Evaluation", "Journal", "Plot"]),
        module("Operator"),
        module(
            "Dashboard",
            ["Operator", "Journal"],
            outside: web + [
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: [
                "Page/make-page.py", "Page/index.html", "Page/dashboard.css", "Page/dashboard.js",
                "Page/charts.js", "Page/stream.js", "Page/episodes.js", "Page/icon.svg",
            ]
        ),

        // The program: who is wired to whom.
        .executableTarget(
            name: "sacbot",
            dependencies: [
                "Robot", "RobotFiles", "ServoProtocol", "Realtime", "Safety", "Learning",
                "Journal", "ServoHardware", "Physics", "Simulation", "ServoEmulator", "Control",
                "Training", "Evaluation", "Operator", "Dashboard", "GymProtocol", "SoftMDP",
                "Pictures", "Camera", "Plot", "Report",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // Speed, one JSON object a line: `make bench`.
        .executableTarget(
            name: "sacbot-bench",
            dependencies: [
                "Robot", "RobotFiles", "Realtime", "Safety", "Learning", "ServoHardware",
                "Physics", "Simulation", "ServoEmulator", "Control", "CKernels",
            ],
            path: "Benchmarks/sacbot-bench",
            swiftSettings: strict
        ),

        // Our learner on Gymnasium environments: Benchmarks/gymnasium.
        .executableTarget(
            name: "sacbot-gym",
            dependencies: [
                "GymProtocol", "Learning", "Realtime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/gymnasium/sacbot-gym",
            swiftSettings: strict
        ),

        // C: what Swift cannot import, and the system's libraries.
        .target(name: "CRealtime"),
        .target(name: "CTerminal"),
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CSerialPort",
            pkgConfig: "libserialport",
            providers: [.apt(["libserialport-dev"])]
        ),
        physics,
        .target(name: "CCamera", dependencies: ["CGStreamer"]),
        .systemLibrary(
            name: "CGStreamer",
            pkgConfig: "gstreamer-app-1.0",
            providers: [.apt(["libgstreamer-plugins-base1.0-dev"])]
        ),
        .target(name: "COffscreen", linkerSettings: [.linkedLibrary("dl")]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

        // Tests: one target a module, plus whole-program and whole-repository tests.
        .target(name: "CModemShim", path: "Tests/CModemShim"),
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        .target(name: "CMutexSanitizer", path: "Tests/CMutexSanitizer"),
        tests("Robot", ["Robot"]),
        tests("RobotFiles", ["Robot", "RobotFiles"]),
        tests("ServoProtocol", ["ServoProtocol", "CAllocationCount"]),
        tests("GymProtocol", ["GymProtocol"]),
        tests("Realtime", ["Realtime", "CMutexSanitizer"]),
        tests("Safety", ["Robot", "Safety", "CAllocationCount"]),
        tests(
            "ServoHardware",
            [
                "Robot", "Safety", "ServoProtocol", "ServoHardware", "ServoEmulator", "Realtime",
                "CModemShim",
            ]
        ),
        tests("Physics", ["Robot", "Physics"]),
        tests("Pictures", ["Robot", "Pictures"]),
        tests("Camera", ["Robot", "Realtime", "Pictures", "Camera", "CAllocationCount"]),
        tests("Simulation", ["Robot", "Safety", "Physics", "Simulation", "Pictures"]),
        tests(
            "ServoEmulator",
            [
                "Robot", "RobotFiles", "Safety", "ServoProtocol", "ServoHardware", "Physics",
                "Simulation", "ServoEmulator", "Realtime", "CAllocationCount",
            ]
        ),
        tests(
            "FaultCampaign",
            [
                "Robot", "RobotFiles", "Safety", "Control", "ServoProtocol", "ServoHardware",
                "Physics", "ServoEmulator", "Realtime",
            ]
        ),
        tests("Learning", ["Learning", "SoftMDP", "CAllocationCount"]),
        tests("SoftMDP", ["SoftMDP"]),
        tests("Journal", ["Journal"]),
        tests("Control", ["Robot", "Safety", "Control", "Learning", "Realtime", "Pictures"]),
        tests(
            "Training",
            [
                "Robot", "Safety", "Simulation", "Control", "Training", "Learning", "Journal",
                "Realtime",
            ]
        ),
        tests(
            "Tick",
            [
                "Pictures", "Robot", "Safety", "Control", "Learning", "Training", "Simulation",
                "ServoHardware",
                "ServoEmulator", "Realtime", "CAllocationCount",
            ]
        ),
        tests("Plot", ["Plot"]),
        tests(
            "Dashboard",
            ["Dashboard", "Operator", "Journal"] + web + [
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        tests("Operator", ["Operator"]),
        tests(
            "Evaluation",
            [
                "Evaluation", "Control", "Journal", "Learning", "Pictures", "Robot", "Safety",
                "Simulation",
            ]
        ),
        tests("Report", ["Report", "Evaluation", "Journal", "Plot"]),
        tests(
            "System",
            [
                "sacbot", "sacbot-gym", "Robot", "RobotFiles", "Safety", "Learning", "Journal",
                "Operator",
            ],
            exclude: ["Films"]
        ),
        tests(
            "Walking",
            ["Robot", "RobotFiles", "Safety", "Control", "Physics", "Simulation", "Realtime"]
        ),
        tests("Repository", ["Robot", "ServoEmulator"]),
    ]
)

// `make sanitize` builds the parts in which threads meet, and nothing else.
if Context.environment["SACBOT_SANITIZE"] == "1" {
    let threaded = ["Realtime", "Control", "Training", "Journal", "ServoEmulator", "ServoHardware"]
    let others: Set = [
        "sacbot", "sacbot-bench", "sacbot-gym", "Dashboard", "Report", "Evaluation", "Plot",
        "Operator", "GymProtocol",
    ]
    package.products.removeAll()
    package.targets.removeAll { target in
        target.isTest
            ? !threaded.contains { $0 + "Tests" == target.name } : others.contains(target.name)
    }
    package.dependencies.removeAll { dependency in
        guard case .sourceControl(_, let location, _) = dependency.kind else { return false }
        return !location.contains("GRDB") && !location.contains("protobuf")
    }
}
