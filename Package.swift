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

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: dependencies,
        swiftSettings: tested
    )
}

let package = Package(
    name: "sacbot",
    products: [
        .executable(name: "sacbot", targets: ["sacbot"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    ],
    targets: [
        // Words: what a robot is, what a servo says.
        module("Robot"),
        module("ServoProtocol", exclude: ["generate-control-tables.py"]),
        module("GymProtocol"),
        module("Realtime", outside: ["CRealtime"]),

        // Judges: files, safety, learning.
        module("RobotFiles", ["Robot"], outside: ["CYAML"]),
        module("Safety", ["Robot"]),
        module(
            "Learning",
            outside: ["CKernels", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
            exclude: ["ONNX/Generated/onnx.proto"]
        ),
        module("SoftMDP"),
        module("Journal", outside: [.product(name: "GRDB", package: "GRDB.swift")]),

        // Bodies: the real robot, the simulated one, the emulated servos.
        module(
            "ServoHardware",
            ["Robot", "Safety", "ServoProtocol", "Realtime"],
            outside: ["CSerialPort", "CTerminal"]
        ),
        module("Physics", ["Robot"], outside: ["CMuJoCo"]),
        module("Simulation", ["Robot", "Safety", "Physics"]),
        module(
            "ServoEmulator",
            ["Robot", "ServoProtocol", "Realtime", "Physics"],
            outside: ["CTerminal"]
        ),

        // Doers: episodes, training, evaluation.
        module("Control", ["Robot", "Safety", "Realtime", "Learning"]),
        module("Training", ["Control", "Learning", "Journal", "Realtime"]),
        module("Evaluation", ["Control", "Learning", "Journal"]),
        module("Operator"),

        // The program: who is wired to whom.
        .executableTarget(
            name: "sacbot",
            dependencies: [
                "Robot", "RobotFiles", "ServoProtocol", "Realtime", "Safety", "Learning",
                "Journal", "ServoHardware", "Physics", "Simulation", "ServoEmulator", "Control",
                "Training", "Evaluation", "Operator", "GymProtocol", "SoftMDP",
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
        .systemLibrary(name: "CMuJoCo", providers: [.apt(["libmujoco-dev"])]),

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
        tests("Simulation", ["Robot", "Safety", "Physics", "Simulation"]),
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
        tests("Control", ["Robot", "Safety", "Control", "Learning", "Realtime"]),
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
                "Robot", "Safety", "Control", "Learning", "Training", "Simulation", "ServoHardware",
                "ServoEmulator", "Realtime", "CAllocationCount",
            ]
        ),
        tests("Evaluation", ["Evaluation", "Control", "Journal", "Learning", "Robot"]),
        tests(
            "System",
            [
                "sacbot", "sacbot-gym", "Robot", "RobotFiles", "Safety", "Learning", "Journal",
                "Operator",
            ]
        ),
        tests(
            "Walking",
            ["Robot", "RobotFiles", "Safety", "Control", "Physics", "Simulation", "Realtime"]
        ),
        tests("Repository", ["Robot", "ServoEmulator"]),
    ]
)
