import PropertySupport
import Ristretto255
import Testing

/// The Equality proof and the VOPRF on it.
@Suite struct PropertyProofTests {
    private static func statement(
        _ random: Seeded, _ key: borrowing SecretScalar, _ count: Int
    ) throws -> (x: Element, queries: [Element], answers: [Element]) {
        let queries = try (0..<count).map { _ in try Element(random.point()) }
        return (try Element(key.timesGenerator()), queries, try answers(queries, key))
    }

    private static func answers(_ queries: [Element], _ key: borrowing SecretScalar) throws -> [Element] {
        var out: [Element] = []
        for query in queries { out.append(try Element(key.times(query.point))) }
        return out
    }

    @Test func aTrueStatementIsProvedForEveryCount() throws {
        let random = Seeded("equality")
        for count in [1, 2, 3, 4, 5, 8, 16, 33, 64, 100] {
            for _ in 0..<(count < 10 ? 30 : 2) {
                let key = random.secret()
                let (x, queries, answers) = try Self.statement(random, key, count)
                let context = random.bytes(random.int(in: 0...200))
                let proof = try EqualityProof.prove(
                    key: key, public: x, queries: queries, answers: answers, context: context, nonce: random.secret())
                try proof.verify(public: x, queries: queries, answers: answers, context: context)
            }
        }
    }

    @Test func everySingleBitOfAProofCounts() throws {
        let random = Seeded("equality bits")
        let key = random.secret()
        for count in [1, 3] {
            let (x, queries, answers) = try Self.statement(random, key, count)
            let proof = try EqualityProof.prove(
                key: key, public: x, queries: queries, answers: answers, context: [1, 2, 3], nonce: random.secret())
            for bit in 0..<512 {
                let changed = EqualityProof(bytes: proof.bytes.flipping(bit: bit))
                #expect(throws: EqualityProof.Failure.self) {
                    try changed.verify(public: x, queries: queries, answers: answers, context: [1, 2, 3])
                }
            }
        }
    }

    @Test func oneWrongAnswerAtAnyIndexAndAnySwapAreRefused() throws {
        let random = Seeded("equality items")
        for count in [1, 2, 5, 20] {
            let key = random.secret()
            let (x, queries, answers) = try Self.statement(random, key, count)
            func prove(_ queries: [Element], _ answers: [Element]) throws -> EqualityProof {
                try EqualityProof.prove(
                    key: key, public: x, queries: queries, answers: answers, context: [7], nonce: random.secret())
            }
            for index in 0..<count {
                var wrong = answers
                wrong[index] = try Element(random.point())
                let proof = try prove(queries, wrong)
                #expect(throws: EqualityProof.Failure.equality) {
                    try proof.verify(public: x, queries: queries, answers: wrong, context: [7])
                }
                let other = (index + 1) % count
                guard other != index else { continue }
                var swapped = answers
                swapped.swapAt(index, other)
                let swappedProof = try prove(queries, swapped)
                #expect(throws: EqualityProof.Failure.equality) {
                    try swappedProof.verify(public: x, queries: queries, answers: swapped, context: [7])
                }
            }
            let proof = try prove(queries, answers)
            #expect(throws: EqualityProof.Failure.length) {
                try proof.verify(public: x, queries: queries, answers: answers.dropLast(), context: [7])
            }
            #expect(throws: EqualityProof.Failure.equality) {
                try proof.verify(public: x, queries: queries, answers: answers, context: [8])
            }
        }
    }

    @Test func noItemIsNoStatement() throws {
        let proof = EqualityProof(bytes: .zero)
        #expect(throws: EqualityProof.Failure.length) {
            try proof.verify(public: .generator, queries: [], answers: [], context: [])
        }
    }

    @Test func theBlindEvaluationGivesWhatTheDirectOneGives() throws {
        let random = Seeded("voprf")
        for round in 0..<1_000 {
            let seed = SecretBytes(count: 32, from: random)
            let key = VOPRF.deriveKey(seed: seed, info: random.bytes(round % 40))
            let publicKey = try Element(key.timesGenerator())
            let input = random.bytes(round % 64)
            let blinded = try VOPRF.blind(input, by: random.secret())
            let (evaluated, proof) = try VOPRF.evaluate(
                [blinded.message], key: key, publicKey: publicKey, nonce: random.secret())
            let output = try VOPRF.finalize(blinded, evaluated: evaluated[0], proof: proof, publicKey: publicKey)
            #expect(output == (try VOPRF.evaluate(input: input, key: key)))
        }
    }

    @Test func anotherKeyThanThePublishedOneIsNoticed() throws {
        let random = Seeded("voprf key")
        for _ in 0..<200 {
            let key = random.secret()
            let other = random.secret()
            let publicKey = try Element(key.timesGenerator())
            let blinded = try VOPRF.blind(random.bytes(12), by: random.secret())
            let lie = try VOPRF.evaluate([blinded.message], key: other, publicKey: publicKey, nonce: random.secret())
            #expect(throws: VOPRF.Failure.proof) {
                try VOPRF.finalize(blinded, evaluated: lie.evaluated[0], proof: lie.proof, publicKey: publicKey)
            }
            let truth = try VOPRF.evaluate([blinded.message], key: key, publicKey: publicKey, nonce: random.secret())
            #expect(throws: VOPRF.Failure.proof) {
                try VOPRF.finalize(blinded, evaluated: lie.evaluated[0], proof: truth.proof, publicKey: publicKey)
            }
            #expect(throws: Never.self) {
                try VOPRF.finalize(blinded, evaluated: truth.evaluated[0], proof: truth.proof, publicKey: publicKey)
            }
        }
    }

    @Test func anInputThatIsTooLongIsRefused() throws {
        let long = [UInt8](repeating: 0, count: 65_536)
        let random = Seeded("voprf long")
        #expect(throws: VOPRF.Failure.input) { _ = try VOPRF.blind(long, by: random.secret()) }
        #expect(throws: VOPRF.Failure.input) { _ = try VOPRF.evaluate(input: long, key: random.secret()) }
        #expect(throws: Never.self) { _ = try VOPRF.evaluate(input: long.dropLast(), key: random.secret()) }
    }
}
