// swift-tools-version:6.2
import PackageDescription

/// Every target of ours: Swift 6 mode. GUARDS puts the switch for negative controls into debug builds only
/// (docs/GUARDS.md).
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .define("GUARDS", .when(configuration: .debug)),
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

/// What every node stands on; nodes never import one another.
let node: [Target.Dependency] = ["Exchanges", "Policy", "Polymorphic", "Ristretto255", "Guards"]

let package = Package(
    name: "warifu",
    products: [
        .library(name: "Ristretto255", targets: ["Ristretto255"]),
        .library(name: "Polymorphic", targets: ["Polymorphic"]),
        .executable(name: "warifu", targets: ["warifu"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    ],
    targets: [
        .systemLibrary(name: "CDecaf", providers: [.apt(["libdecaf-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "Guards", swiftSettings: strict),
        .target(name: "Ristretto255", dependencies: ["CDecaf", "CSodium", "Guards", crypto], swiftSettings: strict),
        .target(
            name: "Polymorphic", dependencies: ["Ristretto255", "CSodium", "Guards", crypto], swiftSettings: strict),
        .target(
            name: "Exchanges", dependencies: ["Policy", "Polymorphic", "Ristretto255", "Guards", crypto],
            swiftSettings: strict),
        .target(
            name: "Transcryptor", dependencies: ["Exchanges", "Policy", "Polymorphic", "Ristretto255", "Guards"],
            swiftSettings: strict),
        .target(name: "Gateway", dependencies: node, swiftSettings: strict),
        .target(name: "DataCentre", dependencies: node, swiftSettings: strict),
        .target(name: "NumberCentre", dependencies: node + [crypto], swiftSettings: strict),
        .target(name: "Authority", dependencies: node, swiftSettings: strict),
        .target(name: "Device", dependencies: node + [crypto], swiftSettings: strict),
        .target(
            name: "Simulation",
            dependencies: [
                "Transcryptor", "Gateway", "DataCentre", "NumberCentre", "Authority", "Device", "Exchanges", "Policy",
                "Polymorphic", "Ristretto255", "Guards", crypto,
            ], swiftSettings: strict),
        .target(name: "Policy", dependencies: ["Polymorphic", "Ristretto255", "Guards"], swiftSettings: strict),
        .executableTarget(
            name: "warifu",
            dependencies: [
                "Simulation", "Polymorphic", "Ristretto255", "Guards",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "bench", dependencies: ["Simulation", "Polymorphic", "Ristretto255", "CSodium", crypto],
            swiftSettings: strict),
        .target(name: "VectorSupport", path: "Tests/VectorSupport", swiftSettings: strict),
        .target(
            name: "PropertySupport", dependencies: ["Ristretto255"], path: "Tests/PropertySupport",
            swiftSettings: strict),
        .testTarget(
            name: "Ristretto255Tests", dependencies: ["Ristretto255", "PropertySupport", "CSodium", "Guards", crypto],
            swiftSettings: strict),
        .testTarget(
            name: "PolymorphicTests",
            dependencies: ["Polymorphic", "Ristretto255", "VectorSupport", "PropertySupport", "Guards", crypto],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Simulation", "Transcryptor", "Gateway", "DataCentre", "NumberCentre", "Authority", "Device",
                "Exchanges", "Policy", "Polymorphic", "Ristretto255", "Guards", crypto,
            ], swiftSettings: strict),
        .testTarget(name: "RepositoryTests", swiftSettings: strict),
        .testTarget(
            name: "PolicyTests", dependencies: ["Policy", "Polymorphic", "Ristretto255", "VectorSupport", "Guards"],
            swiftSettings: strict),
    ]
)
