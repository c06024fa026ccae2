import Guards
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Whoever lies in a resharing is named.
@Suite struct ResharingLieTests {
    typealias Run = ResharingRun<KEM>

    private func run(_ name: String) throws -> Run {
        let random = Seeded(name)
        let old = try Sharing<KEM>(n: 3, t: 2, random)
        return try Run(old, by: [1, 2], to: (1...3).compactMap { old.members[UInt8($0)] }, t: 2, random)
    }

    private func refused(
        _ code: Refusal.Code, at index: Int? = nil, _ round: Int, _ change: (inout Run) throws -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var run = try run("resharing lie \(round) \(code)")
        expectRefusal(code, at: index, sourceLocation: sourceLocation) {
            let statements = try run.state()
            if round == 1 { try change(&run) }
            let opened = try run.reveal(statements)
            if round == 2 { try change(&run) }
            let dealt = try run.deal(opened)
            if round == 3 { try change(&run) }
            _ = try run.finish(dealt)
        }
    }

    /// The statement of one participant with one field changed, signed again by itself.
    private func restated(_ run: inout Run, _ index: UInt8, _ change: (inout [[UInt8]]) throws -> Void) throws {
        var fields = try unpack(.dkgKey, #require(run.statements[index]).message, 5)
        try change(&fields)
        let message = pack(.dkgKey, fields: fields)
        run.statements[index] = SignedMessage(message: message, signature: try run.member(index).signer.sign(message))
    }

    @Test func aLieInTheFirstRoundIsNamed() throws {
        try refused(.participants, at: 2, 1) { $0.statements[2] = nil }
        try refused(.participants, at: 3, 1) { $0.statements[3] = nil }
        try refused(.signature, at: 3, 1) { $0.statements[3] = $0.statements[2] }
        // Who does not deal has no opening, who deals has one.
        try refused(.length, at: 3, 1) { try restated(&$0, 3) { $0[3] = [UInt8](repeating: 0, count: 64) } }
        try refused(.length, at: 1, 1) { try restated(&$0, 1) { $0[3] = [] } }
        // A key for each dealer, none for others, none twice.
        try refused(.point, at: 3, 1) {
            try restated(&$0, 3) { fields in
                var keys = try Wire.elements(of: fields[4])
                keys[0] = []
                fields[4] = Wire.list(keys)
            }
        }
        try refused(.length, at: 3, 1) {
            try restated(&$0, 3) { fields in
                let keys = try Wire.elements(of: fields[4])
                fields[4] = Wire.list([keys[0], keys[0], []])
            }
        }
        try refused(.length, at: 3, 1) {
            try restated(&$0, 3) { fields in
                let keys = try Wire.elements(of: fields[4])
                fields[4] = Wire.list([keys[0], keys[1], keys[0]])
            }
        }
        try refused(.participants, at: 3, 1) { try restated(&$0, 3) { $0[2] = [2] } }
        try refused(.participants, at: 3, 1) { try restated(&$0, 3) { $0[1] = [1] } }
        try refused(.participants, at: 3, 1) { try restated(&$0, 3) { $0[0][0] ^= 1 } }
    }

    @Test func aLieInTheSecondRoundIsNamed() throws {
        try refused(.participants, at: 2, 2) { $0.commitments[2] = nil }
        try refused(.opening, at: 2, 2) { $0.commitments[2] = $0.commitments[1] }
        try refused(.opening, at: 1, 2) { run in
            let shown = try #require(run.commitments[1])
            run.commitments[1] = DealerCommitment(points: shown.points, pop: [1])
        }
    }

    /// A dealer who announces and shows another polynomial than a resharing allows.
    private func dealing(_ run: inout Run, _ points: [Element], pop: [UInt8] = []) throws {
        let bytes = points.map(\.encoding.bytes)
        let opening = run.roll.context.opening(1, bytes.flatMap { $0 }, pop)
        try restated(&run, 1) { $0[3] = opening.bytes }
        run.commitments[1] = DealerCommitment(points: bytes, pop: pop)
    }

    /// What the others make of a dealer 1 who does not go on by the rules.
    private func judged(_ name: String, _ lie: (inout Run) throws -> Void) throws {
        var run = try run(name)
        var seats = try run.state()
        try lie(&run)
        seats[1] = nil
        _ = try run.deal(run.reveal(seats))
    }

    @Test func aDealingOfAnotherSecretOrDegreeOrWithAProofIsRefused() throws {
        let random = Seeded("resharing dealer")
        func points(_ count: Int) throws -> [Element] { try (0..<count).map { _ in try Element(random.point()) } }
        expectRefusal(.constantTerm, at: 1) {
            let other = try points(2)
            try judged("another secret") { try dealing(&$0, other) }
        }
        for count in [1, 3] {
            expectRefusal(.degree, at: 1) {
                try judged("another degree") { run in
                    let own = try #require(run.old.key.share(of: 1))
                    let first = MultiScalar.publicSum([Lagrange.coefficient(1, [1, 2])], [own.point])
                    let rest = try points(count - 1)
                    try dealing(&run, [try Element(first)] + rest)
                }
            }
        }
        expectRefusal(.length, at: 1) {
            let other = try points(2)
            try judged("a proof") { try dealing(&$0, other, pop: [UInt8](repeating: 0, count: 64)) }
        }
    }

    /// Dealer 1 deals a share that it does not hold, well opened, committed and sealed.
    private func withWrongShare(_ run: inout Run) throws -> [UInt8: Seat<Run.Ceremony.Statement>] {
        var seats = try run.state()
        let own = try #require(run.old.shares[1])
        let wrong = try ClassShare<KEM>(index: 1, shareEpoch: 1, secret: own.share.x.plus(run.random.secret()))
        let dealer = try wrong.reshare(
            run.roll.context, dealers: [1, 2], coefficients: SecretScalars(count: 2, from: run.random))
        let liar = Run.Ceremony.Statement(run.roll, 1, Run.Ceremony.Hand(dealer), run.random)
        run.statements[1] = liar.signed(by: try run.member(1).signer)
        seats[1] = Seat(liar)
        return seats
    }

    @Test func aDealerCannotReplaceTheKeyBecauseItsConstantTermIsChecked() throws {
        var run = try run("constant term on")
        let opened = try run.reveal(withWrongShare(&run))
        expectRefusal(.constantTerm, at: 1) { _ = try run.deal(opened.filter { $0.key == 3 }) }
        // The attack: one dealer gives everyone shares of another key, and all that is encrypted is lost.
        try Guards.withOff("guard:dealing.constantterm") {
            var run = try self.run("constant term off")
            let opened = try run.reveal(withWrongShare(&run))
            let dealt = try run.deal(opened)
            let made = try run.finish(dealt)
            #expect(made.key.key.element != run.old.key.key.element)
        }
    }

    @Test func aBadBoxIsNamedAndTheComplaintConvictsItsDealer() throws {
        try refused(.participants, at: 1, 3) { $0.boxes[3]?[1] = nil }
        try refused(.signature, at: 1, 3) { run in
            let other = run.boxes[3]?[2]
            run.boxes[3]?[1] = other
        }
        var run = try run("resharing bad box")
        let dealt = try run.deal(run.reveal(run.state()))
        let fields = try unpack(.dkgKey, #require(run.statements[3]).message, 5)
        let oneTime = try Element(decoding: Wire.elements(of: fields[4])[1])
        let context = run.roll.context
        let lie = try Seal.seal(
            run.random.scalar().encoding.bytes, to: oneTime, info: context.boxInfo(2, 3),
            sender: run.random.secret(), fresh: run.random.draw())
        let signer = try run.member(2)
        let signed = SignedMessage(
            message: lie, signature: signer.signer.sign(context.dealing(from: 2, to: 3, box: lie)))
        let seat = try #require(dealt[3])
        let mine = try seat.take()
        var boxes = run.boxes[3] ?? [:]
        boxes[2] = signed
        expectRefusal(.subshare, at: 2) { _ = try mine.finish(boxes) }
        let complaint = try mine.complaint(about: 2, signed)
        let commitments = try Commitments(wire: #require(run.commitments[2]).points, threshold: 2)
        let named = try complaint.judge(
            commitments: commitments, oneTimeKey: oneTime, dealerKey: signer.verifyingKey,
            forbidden: run.roll.forbidden)
        #expect(named == 2)
        expectRefusal(.participants) { _ = try mine.complaint(about: 3, signed) }
    }
}
