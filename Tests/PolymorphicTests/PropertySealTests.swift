import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// Sealed boxes, proofs of knowledge and of the same person, signatures.
@Suite struct PropertySealTests {
    @Test func whatIsSealedIsOpenedForItsUseAndKeyOnly() throws {
        let random = Seeded("seal")
        for round in 0..<1_000 {
            let key = OpeningKey(from: random)
            let message = random.bytes(round < 300 ? round : random.int(in: 0...3_000))
            let info = pack(.sealedShare, random.bytes(20))
            let box = try Seal.seal(message, to: key.element, info: info, sender: random.secret(), fresh: random.draw())
            #expect(box.count == message.count + Seal.overhead)
            #expect(try key.open(box, info: info) == message)
            expectRefusal(.seal) { _ = try key.open(box, info: pack(.sealedShare, random.bytes(20))) }
            expectRefusal(.seal) { _ = try OpeningKey(from: random).open(box, info: info) }
            let e = try Element(decoding: Array(box[..<32]))
            expectRefusal(.seal) { _ = try key.open(box, info: info, forbidden: [e]) }
        }
    }

    @Test func everySingleBitOfABoxCounts() throws {
        let random = Seeded("seal bits")
        let key = OpeningKey(from: random)
        let info = pack(.sealedHalf, [1])
        for count in [0, 1, 33, 500] {
            let box = try Seal.seal(
                random.bytes(count), to: key.element, info: info, sender: random.secret(), fresh: random.draw())
            for bit in 0..<8 * box.count {
                expectRefusal(oneOf: [.seal, .point], "bit \(bit)") {
                    _ = try key.open(box.flipping(bit: bit), info: info)
                }
            }
            for cut in 0..<box.count {
                expectRefusal(oneOf: cut < Seal.overhead ? [.length] : [.seal]) {
                    _ = try key.open(Array(box.prefix(cut)), info: info)
                }
            }
            expectRefusal(.seal) { _ = try key.open(box + [0], info: info) }
        }
    }

    @Test func aBoxWhoseEphemeralPointIsAPublicKeyIsRefused() throws {
        let random = Seeded("oracle")
        let key = OpeningKey(from: random)
        let y = try Element(random.point())
        let rest = random.bytes(48)
        for point in [Element.generator, key.element, y] {
            expectRefusal(.seal) { _ = try key.open(point.encoding.bytes + rest, info: [], forbidden: [y]) }
        }
    }

    @Test func aBrokenGeneratorRepeatsAnEphemeralOnlyForTheSameMessage() throws {
        let random = Seeded("hedged")
        let sender = random.secret()
        let key = OpeningKey(from: random)
        var seen = Set<[UInt8]>()
        for message in [[], [0], [1], [0, 0]] as [[UInt8]] {
            for info in [pack(.sealedHalf, [1]), pack(.sealedHalf, [2])] {
                let box = try Seal.seal(message, to: key.element, info: info, sender: sender, fresh: .zero)
                #expect(seen.insert(Array(box.prefix(32))).inserted)
                #expect(try Seal.seal(message, to: key.element, info: info, sender: sender, fresh: .zero) == box)
            }
        }
        // And another sender with the same broken generator has others.
        let other = try Seal.seal(
            [], to: key.element, info: pack(.sealedHalf, [1]), sender: random.secret(), fresh: .zero)
        #expect(seen.insert(Array(other.prefix(32))).inserted)
    }

    @Test func everySingleBitOfAProofOfKnowledgeCounts() throws {
        let random = Seeded("knowledge")
        for _ in 0..<1_000 {
            let k = random.secret()
            let point = try Element(k.timesGenerator())
            let bind = random.draw(Bytes64.self)
            let proof = Knowledge.prove(k, point: point, bind: bind, fresh: random.draw())
            try proof.verify(point: point, bind: bind)
            let changed = try Knowledge(wire: proof.bytes.bytes.flipping(bit: random.int(in: 0...511)))
            expectRefusal(oneOf: [.knowledge, .scalar]) { try changed.verify(point: point, bind: bind) }
            expectRefusal(.knowledge) {
                try proof.verify(point: point, bind: bind.flipping(bit: random.int(in: 0...511)))
            }
            expectRefusal(.knowledge) { try proof.verify(point: Element(random.point()), bind: bind) }
        }
        let k = random.secret()
        let point = try Element(k.timesGenerator())
        let proof = Knowledge.prove(k, point: point, bind: .zero, fresh: random.draw())
        for bit in 0..<512 {
            let changed = try Knowledge(wire: proof.bytes.bytes.flipping(bit: bit))
            expectRefusal(oneOf: [.knowledge, .scalar]) { try changed.verify(point: point, bind: .zero) }
        }
        for count in [0, 63, 65] { expectRefusal(.length) { _ = try Knowledge(wire: random.bytes(count)) } }
    }

    @Test func aProofOfTheSamePersonHoldsForThisPairOfPairsOnly() throws {
        let world = try World("same person")
        let random = world.random
        for round in 0..<300 {
            let item = try world.encrypt(random.point(), as: AtParty.self)
            let rd = random.draw(Bytes64.self)
            let deposit = try DepositSubject(
                of: item, exchange: random.draw(), key: world.psn.key, author: world.hospital.key.z,
                fresh: random.draw())
            let tie = try deposit.tie(requestDigest: rd, item: 3, key: world.psn.key, fresh: random.draw())
            func verify(
                _ tie: SamePerson, _ subject: SubjectPair, _ item: EncryptedPseudonym, _ number: UInt16, _ rd: Bytes64
            ) throws { try subject.verify(tie: tie, to: item, item: number, requestDigest: rd, key: world.psn.key) }
            let subject = deposit.subject
            try verify(tie, subject, item, 3, rd)
            expectRefusal(.equality) { try verify(tie, subject, item, 4, rd) }
            expectRefusal(.equality) { try verify(tie, subject, item, 3, random.draw()) }
            let other = try world.encrypt(random.point(), as: AtParty.self)
            expectRefusal(.equality) { try verify(tie, subject, other, 3, rd) }
            expectRefusal(.equality) { try verify(tie, SubjectPair(other.pair), item, 3, rd) }
            expectRefusal(.point) { try verify(tie, SubjectPair(item.pair), item, 3, rd) }
            let half = SubjectPair(Pair(b: item.pair.b, c: subject.pair.c))
            expectRefusal(.point) { try verify(tie, half, item, 3, rd) }
            let bits = round == 0 ? Array(0..<512) : [random.int(in: 0...511)]
            for bit in bits {
                let changed = try SamePerson(wire: tie.bytes.flipping(bit: bit))
                expectRefusal(oneOf: [.equality, .scalar]) { try verify(changed, subject, item, 3, rd) }
            }
        }
    }

    @Test func everySingleBitOfASignatureItsMessageAndItsKeyCounts() throws {
        let random = Seeded("signatures")
        for round in 0..<50 {
            let key = SigningKey(from: random)
            let message = random.bytes(round)
            let signature = key.sign(message)
            #expect(signature == key.sign(message))
            try key.verifyingKey.verify(signature, over: message)
            for bit in 0..<512 {
                expectRefusal(.signature) { try key.verifyingKey.verify(signature.flipping(bit: bit), over: message) }
            }
            for bit in 0..<8 * round {
                expectRefusal(.signature) { try key.verifyingKey.verify(signature, over: message.flipping(bit: bit)) }
            }
            for bit in 0..<256 {
                let other = VerifyingKey(key.verifyingKey.bytes.flipping(bit: bit))
                expectRefusal(.signature) { try other.verify(signature, over: message) }
            }
            for size in [0, 63, 65, 128] {
                expectRefusal(.signature) { try key.verifyingKey.verify(random.bytes(size), over: message) }
            }
            expectRefusal(.signature) { try key.verifyingKey.verify(signature, over: message + [0]) }
        }
    }

    @Test func aSignatureOfTheSecondKindIsRefused() throws {
        let random = Seeded("malleable")
        let key = SigningKey(from: random)
        let signature = key.sign([1, 2, 3])
        // s + L signs the same message for a verifier that does not compare.
        let order = [UInt8](hex: "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
        var carry = 0
        let s = zip(signature[32...], order).map { a, b in
            carry += Int(a) + Int(b)
            defer { carry >>= 8 }
            return UInt8(carry & 255)
        }
        expectRefusal(.signature) { try key.verifyingKey.verify(signature[..<32] + s, over: [1, 2, 3]) }
        // Keys and R of small order would let one signature hold for every message.
        let small = [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ].map { [UInt8](hex: $0) }
        for point in small {
            let weak = VerifyingKey(try #require(Bytes32(point)))
            let zero = point + [UInt8](repeating: 0, count: 32)
            for message in [[], [1], [2, 3]] as [[UInt8]] {
                expectRefusal(.signature) { try weak.verify(zero, over: message) }
                expectRefusal(.signature) { try key.verifyingKey.verify(zero, over: message) }
            }
        }
    }
}
