// swift-tools-version:6.2
import PackageDescription

// A package of its own, because instrumenting needs unsafe flags. The libraries under test are compiled here once more,
// instrumented and testable, through links in Sources; keep their lists of dependencies as in the package above. GUARDS
// is set, so that a target can take a signature check away and reach what stands behind it.

let flags = ["-sanitize=fuzzer,address"]
let instrumented: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .define("GUARDS"),
    .unsafeFlags(flags + ["-parse-as-library", "-enable-testing"]),
]
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

let package = Package(
    name: "fuzz",
    dependencies: [.package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2")],
    targets: [
        .systemLibrary(name: "CDecaf", providers: [.apt(["libdecaf-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "Guards", swiftSettings: instrumented),
        .target(
            name: "Ristretto255", dependencies: ["CDecaf", "CSodium", "Guards", crypto], swiftSettings: instrumented),
        .target(
            name: "Polymorphic", dependencies: ["Ristretto255", "CSodium", "Guards", crypto],
            swiftSettings: instrumented),
        .target(name: "TransparencyLog", dependencies: ["Guards", crypto], swiftSettings: instrumented),
        .target(name: "Policy", dependencies: ["Polymorphic", "Ristretto255", "Guards"], swiftSettings: instrumented),
        .target(name: "Ledger", dependencies: ["TransparencyLog", "Guards", crypto], swiftSettings: instrumented),
        .target(
            name: "Exchanges",
            dependencies: [
                "Policy", "Ledger", "TransparencyLog", "Polymorphic", "Ristretto255", "CSodium", "Guards", crypto,
            ],
            swiftSettings: instrumented),
        .target(name: "FHIR", dependencies: ["Guards"], swiftSettings: instrumented),
        // Of the gateway of a hospital what reads bytes: the rest of it needs an HTTP server.
        .target(
            name: "GatewayDesk", dependencies: ["FHIR", "Policy", "Polymorphic", "Guards"],
            swiftSettings: instrumented),
        .target(name: "CFuzz"),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Polymorphic", "Ristretto255", "TransparencyLog", "Policy", "Ledger", "Exchanges", "FHIR",
                "GatewayDesk",
                "Guards", "CFuzz", crypto,
            ],
            swiftSettings: instrumented,
            linkerSettings: [.unsafeFlags(flags + ["-use-ld=lld"])]),
    ]
)
