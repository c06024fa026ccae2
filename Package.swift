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

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

/// The public log: pure tree and formats, the ledger on top of them, its two stores, its server. (R7, R13, R15, P1)
let ledgerTargets: [Target] = [
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .target(name: "TransparencyLog", dependencies: ["Guards", crypto], swiftSettings: strict),
    .target(name: "Ledger", dependencies: ["TransparencyLog", "Guards", crypto], swiftSettings: strict),
    .target(
        name: "SQLiteStore",
        dependencies: [
            "Exchanges", "Polymorphic", "Ristretto255", "Ledger", "TransparencyLog", "Guards",
            .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
        ],
        swiftSettings: strict),
    .testTarget(
        name: "ServingTests",
        dependencies: [
            "Serving", "Simulation", "Transcryptor", "Authority", "Device", "Exchanges", "Polymorphic", "Ristretto255",
            "Guards", httpClient,
            nioHTTP1, nioSSL, nioCore, nioPosix, x509, crypto, logging, lifecycle,
            .product(name: "SwiftASN1", package: "swift-asn1"),
        ],
        swiftSettings: strict),
    .testTarget(
        name: "SQLiteStoreTests",
        dependencies: [
            "SQLiteStore", "Exchanges", "Polymorphic", "Ristretto255", "Ledger", "Guards", "ledger-crash-child",
            .product(name: "GRDB", package: "GRDB.swift"),
        ],
        swiftSettings: strict),
    .target(
        name: "PostgresStore", dependencies: ["Ledger", "TransparencyLog", "CPostgres", "Guards"], swiftSettings: strict
    ),
    .target(
        name: "Serving",
        dependencies: [
            "Exchanges", "Polymorphic", "Ristretto255", "Guards", httpClient, nioHTTP1, hummingbird,
            .product(name: "HummingbirdCore", package: "hummingbird"),
            .product(name: "HummingbirdTLS", package: "hummingbird"), nioSSL, nioCore, x509, crypto, logging, lifecycle,
            .product(name: "SwiftASN1", package: "swift-asn1"),
        ],
        swiftSettings: strict),
    .target(
        name: "LedgerServer",
        dependencies: [
            "Ledger", "TransparencyLog", "Serving", "Polymorphic", "Guards", httpClient, nioHTTP1, nioSSL, nioCore,
            crypto, logging,
            lifecycle,
        ],
        swiftSettings: strict),
    // Apart from Simulation, so that a simulation needs no database and no server.
    .target(
        name: "SimulationLedger",
        dependencies: [
            "Simulation", "Exchanges", "Ledger", "LedgerServer", "SQLiteStore", "Serving", "Polymorphic",
            "Ristretto255", "TransparencyLog",
            crypto,
        ],
        swiftSettings: strict),
    .testTarget(
        name: "TransparencyLogTests", dependencies: ["TransparencyLog", "Guards", crypto], swiftSettings: strict),
    .testTarget(
        name: "LedgerTests",
        dependencies: [
            "Ledger", "TransparencyLog", "SQLiteStore", "PostgresStore", "LedgerServer", "Serving", "Polymorphic",
            "Guards",
            crypto, httpClient, nioHTTP1, nioSSL, nioCore, x509, logging, lifecycle, "ledger-crash-child",
            .product(name: "GRDB", package: "GRDB.swift"),
        ],
        swiftSettings: strict),
    .executableTarget(
        name: "ledger-crash-child",
        dependencies: [
            "Ledger", "TransparencyLog", "SQLiteStore", "PostgresStore", "Exchanges", "Polymorphic", "Ristretto255",
            crypto,
        ],
        path: "Tests/LedgerCrashChild", swiftSettings: strict),
]

/// Nodes that run: their files and keys, ceremonies and directories by command, a whole country in one process.
let deploymentTargets: [Target] = [
    .target(
        name: "Deployment",
        dependencies: node + [
            "Transcryptor", "Gateway", "DataCentre", "NumberCentre", "Authority", "Device", "Portal", "Ledger",
            "TransparencyLog", "LedgerServer", "SQLiteStore", "Serving", "GatewayServer", httpClient, nioSSL, nioCore,
            nioHTTP1, logging,
            lifecycle, crypto,
        ],
        swiftSettings: strict),
    .testTarget(
        name: "DeploymentTests",
        dependencies: node + [
            "Deployment", "Authority", "Device", "Gateway", "NumberCentre", "Serving", "SQLiteStore", "Ledger",
            "TransparencyLog", httpClient, nioCore, nioHTTP1, logging, lifecycle,
        ],
        swiftSettings: strict),
]

/// FHIR 4.0.1 without HTTP and without a database. Only a gateway may import it: no centre can read a record.
let fhirTargets: [Target] = [
    .target(name: "FHIR", dependencies: ["Guards"], swiftSettings: strict),
    .testTarget(name: "FHIRTests", dependencies: ["FHIR", "Policy", "Guards"], swiftSettings: strict),
    // The gateway of a hospital: FHIR and the desk for the hospital's own systems.
    .target(
        name: "GatewayServer", dependencies: node + ["Gateway", "FHIR", "Serving", crypto, logging],
        swiftSettings: strict),
    .testTarget(
        name: "GatewayServerTests",
        dependencies: node + [
            "GatewayServer", "Gateway", "FHIR", "Serving", "Simulation", "SQLiteStore", "DataCentre", "Device", crypto,
            logging,
        ],
        swiftSettings: strict),
]

let package = Package(
    name: "warifu",
    products: [
        .library(name: "Ristretto255", targets: ["Ristretto255"]),
        .library(name: "Polymorphic", targets: ["Polymorphic"]),
        .library(name: "TransparencyLog", targets: ["TransparencyLog"]),
        .executable(name: "warifu", targets: ["warifu"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CDecaf", providers: [.apt(["libdecaf-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "Guards", swiftSettings: strict),
        .target(name: "Ristretto255", dependencies: ["CDecaf", "CSodium", "Guards", crypto], swiftSettings: strict),
        .target(
            name: "Polymorphic", dependencies: ["Ristretto255", "CSodium", "Guards", crypto], swiftSettings: strict),
        .target(
            name: "Exchanges",
            dependencies: [
                "Policy", "Ledger", "TransparencyLog", "Polymorphic", "Ristretto255", "CSodium", "Guards", crypto,
            ],
            swiftSettings: strict),
        .target(
            name: "Transcryptor", dependencies: ["Exchanges", "Policy", "Polymorphic", "Ristretto255", "Guards"],
            swiftSettings: strict),
        .target(name: "Gateway", dependencies: node, swiftSettings: strict),
        .target(name: "DataCentre", dependencies: node, swiftSettings: strict),
        .target(name: "NumberCentre", dependencies: node + [crypto], swiftSettings: strict),
        .target(name: "Authority", dependencies: node, swiftSettings: strict),
        .target(name: "Device", dependencies: node + [crypto], swiftSettings: strict),
        .target(name: "Portal", dependencies: node, swiftSettings: strict),
        .testTarget(
            name: "CommandTests",
            dependencies: node + [
                "warifu", "Deployment", "Device", "NumberCentre", "Simulation", "Serving", arguments, httpClient,
                logging,
                lifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PortalTests",
            dependencies: node + ["Portal", "Device", "Gateway", "Simulation", "SQLiteStore"],
            swiftSettings: strict),
        .target(
            name: "Simulation",
            dependencies: [
                "Transcryptor", "Gateway", "DataCentre", "NumberCentre", "Authority", "Device", "Exchanges", "Policy",
                "Ledger", "TransparencyLog", "Polymorphic", "Ristretto255", "Guards", crypto,
            ], swiftSettings: strict),
        .target(
            name: "Demonstration",
            dependencies: [
                "Simulation", "Gateway", "DataCentre", "NumberCentre", "Device", "Exchanges", "Policy", "Polymorphic",
                "Ristretto255", "Deployment", "FHIR", "SQLiteStore", "Serving", "TransparencyLog", httpClient, nioCore,
                nioHTTP1, logging,
            ], swiftSettings: strict),
        .testTarget(
            name: "DemonstrationTests",
            dependencies: [
                "Demonstration", "Simulation", "Exchanges", "Policy", "Polymorphic", "Ristretto255", "FHIR", "Serving",
                "Deployment", logging,
            ], swiftSettings: strict),
        .target(name: "Policy", dependencies: ["Polymorphic", "Ristretto255", "Guards"], swiftSettings: strict),
        .executableTarget(
            name: "warifu",
            dependencies: [
                "Deployment", "Demonstration", "Device", "Exchanges", "Policy", "Simulation", "SimulationLedger",
                "Polymorphic",
                "Ristretto255", "Guards",
                "Ledger",
                "TransparencyLog", "SQLiteStore", "PostgresStore", "LedgerServer", "Serving", lifecycle, logging,
                nioSSL, nioCore, nioHTTP1, httpClient, signals, arguments,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "bench",
            dependencies: [
                "Simulation", "Deployment", "FHIR", "Gateway", "DataCentre", "NumberCentre", "Device", "Exchanges",
                "Policy",
                "Polymorphic", "Ristretto255", "CSodium", crypto, "Ledger", "TransparencyLog", "SQLiteStore",
                "PostgresStore", "LedgerServer",
                "Serving",
                "CPostgres", lifecycle, logging, nioSSL, nioCore, nioHTTP1, httpClient,
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "VectorSupport", dependencies: ["Ristretto255"], path: "Tests/VectorSupport", swiftSettings: strict),
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
                "Simulation", "SimulationLedger", "SQLiteStore", "Transcryptor", "Gateway", "DataCentre",
                "NumberCentre", "Authority", "Device", "Exchanges", "Policy", "Ledger", "TransparencyLog",
                "Polymorphic", "Ristretto255", "Guards", crypto,
            ], swiftSettings: strict),
        .testTarget(name: "RepositoryTests", swiftSettings: strict),
        .testTarget(
            name: "ExchangesTests",
            dependencies: ["Exchanges", "Policy", "Polymorphic", "Ristretto255", "VectorSupport", "Guards", crypto],
            swiftSettings: strict),
        .testTarget(
            name: "PolicyTests", dependencies: ["Policy", "Polymorphic", "Ristretto255", "VectorSupport", "Guards"],
            swiftSettings: strict),
    ] + ledgerTargets + fhirTargets + deploymentTargets
)

// ThreadSanitizer runs what needs neither a server nor a database, and builds nothing else: five minutes less.
if Context.environment["WARIFU_WITHOUT_SERVERS"] != nil {
    let kept: Set<String> = [
        "CDecaf", "CSodium", "Guards", "Ristretto255", "Polymorphic", "TransparencyLog", "Policy", "Ledger",
        "Exchanges",
        "VectorSupport", "PropertySupport", "Ristretto255Tests", "PolymorphicTests", "TransparencyLogTests",
        "PolicyTests",
        "ExchangesTests",
    ]
    package.targets.removeAll { !kept.contains($0.name) }
    package.products.removeAll { $0.name == "warifu" }
}
