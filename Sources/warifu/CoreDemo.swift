import Polymorphic
import Ristretto255
import Simulation

/// Three transcryptors, a hospital and a medical centre: a pseudonym turns from one into the other, a record is sealed
/// before its reader is known and read by exactly one reader, a lie is caught and named.
struct CoreDemo {
    let random: SeededRandom

    func run(_ story: inout Story) throws {
        let country = try story.tell("3 transcryptors", "make two class keys together; nobody ever holds a whole one") {
            try KeyedCountry(from: random)
        }
        let hospital = try KeyedParty("hospital-a", random)
        let centre = try KeyedParty("medical", random)
        let reader = try KeyedParty("clinic-b", random)
        let person = try encryptedPerson(country)

        let own = try carry(person, .base, hospital, country, [1, 2])
        story.note("hospital-a knows its patient as \(short(own.pseudonym))")
        let other = try story.tell("transcryptors", "turn the hospital's pseudonym into the medical centre's, blind") {
            try carry(own.held, hospital.domain, centre, country, [1, 2])
        }
        story.note(
            "the medical centre knows the same person as \(short(other.pseudonym)): the two have nothing in common")
        let direct = try carry(person, .base, centre, country, [2, 3])
        guard direct.pseudonym == other.pseudonym else { throw Refusal(.conflict) }
        story.note("transcryptors 2 and 3, without 1, reach the same pseudonym")

        try record(&story, country, hospital, reader, own.held)
        try lie(&story, country, hospital, centre, own.held)
        print("\nNext: `make test` runs the proofs and the attacks; docs/PROTOCOL.md says why it holds.")
    }

    /// What an enrolment ends with: an encryption of a point that nobody knows. (Enrolment itself comes with the
    /// exchange.)
    private func encryptedPerson(_ country: KeyedCountry) throws -> Pair {
        let (r, unknown) = (Scalar(reducing: random.draw()), Point(uniform: random.draw()))
        let y = country.pseudonyms.key.element.point
        return Pair(
            b: try Element(MultiScalar.publicSum([r], [.generator])),
            c: try Element(unknown + MultiScalar.publicSum([r], [y])))
    }

    private struct Carried {
        let pseudonym: Pseudonym
        let held: Pair
    }

    private func request(
        _ pair: Pair, _ source: Domain, _ party: KeyedParty, _ country: KeyedCountry
    ) throws -> ChainRequest {
        let digest = sha512(random.bytes(16))
        let legs = try country.legs(from: source, to: party.domain)
        if source == .base {
            return ChainRequest(
                requestDigest: digest, presented: try PolymorphicPseudonym(wire: pair.bytes), to: party.domain,
                legs: legs, key: country.pseudonyms.key)
        }
        return ChainRequest(
            requestDigest: digest, held: [try EncryptedPseudonym(wire: pair.bytes)], at: source, to: party.domain,
            legs: legs, key: country.pseudonyms.key)
    }

    /// The steps of a route by the given participants.
    private func steps(
        _ chain: ChainRequest, _ source: Domain, _ party: KeyedParty, _ country: KeyedCountry, _ participants: [UInt8]
    ) throws -> [Step] {
        var steps: [Step] = []
        for leg in try country.legs(from: source, to: party.domain) {
            guard let index = leg.step.holders.first(where: participants.contains) else { throw Refusal(.route) }
            let maker = country.transcryptors[Int(index) - 1]
            let factor = try maker.factor(leg, from: source, to: party.domain)
            steps.append(
                try maker.maker.step(chain, after: steps, holder: index, factor: factor, fresh: random.draw()))
        }
        return steps
    }

    private func carry(  // request, steps, verified chain, shares, pseudonym
        _ pair: Pair, _ source: Domain, _ party: KeyedParty, _ country: KeyedCountry, _ participants: [UInt8]
    ) throws -> Carried {
        let request = try request(pair, source, party, country)
        let chain = try request.verify(try steps(request, source, party, country, participants), keys: country.keys)
        let shares = try participants.map { index in
            let transcryptor = country.transcryptors[Int(index) - 1]
            let place = HeldToken.Place(party: party.id, epoch: 1, yGeneration: 1)
            let token = try transcryptor.tokens.token(
                for: .zero, chain.outputs[0], at: place, fresh: random.draw())
            let box = try transcryptor.maker.share(
                chain, permits: [true], with: transcryptor.psn.share, to: party.key, tokens: [token], tickets: [],
                fresh: (random.draw(), random.draw()))
            return try ShareExpectation<PSN>(
                chain, permits: [true], from: index, in: country.pseudonyms, shareEpoch: 1, recipient: party.opening,
                party: party.id, signer: transcryptor.signer.key.verifyingKey
            ).open(box, with: party.opening, forbidden: country.forbidden)
        }
        let pseudonyms = try party.opening.unmasking(country.pseudonyms.key)
            .pseudonyms(chain, permits: [true], shares, participants: participants)
        return Carried(pseudonym: pseudonyms[0], held: chain.outputs[0].pair)
    }

    private func record(
        _ story: inout Story, _ country: KeyedCountry, _ author: KeyedParty, _ reader: KeyedParty, _ held: Pair
    ) throws {
        let text = Array("HbA1c 6.1 %".utf8)
        let bytes = try story.tell("hospital-a", "seals a record; it does not know who will read it") {
            let z = author.opening.secretCopy()
            let subject = try DepositSubject(
                of: try EncryptedPseudonym(wire: held.bytes), exchange: random.draw(), key: country.pseudonyms.key,
                author: z, fresh: random.draw()
            ).subject
            let draft = RecordHeader.Draft(
                recordID: random.draw(), yGeneration: 1, author: author.id, category: try Name("LAB"), minute: 1,
                dataMinute: 1)
            return try EnvelopeSealer(
                draft, subject: subject, key: country.recordKeys.key, author: z,
                fresh: (random.draw(), random.draw(), random.draw())
            ).seal(text, signer: author.signer.key)
        }
        let envelope = try Envelope(wire: bytes)
        let header = envelope.prefix.header
        let digest = sha512(random.bytes(16))
        let shares = try story.tell("transcryptors", "later: 1 and 3 make its key readable by clinic-b alone") {
            try [1, 3].map { (index: UInt8) in
                let transcryptor = country.transcryptors[Int(index) - 1]
                let ticket = try transcryptor.tickets.ticket(for: header.hash, of: .zero)
                let ticketed = try transcryptor.tickets.admit(header, ticket, of: .zero)
                return try transcryptor.maker.share(
                    [ticketed], permits: [true], requestDigest: digest, with: transcryptor.kem.share, to: reader.key,
                    fresh: (random.draw(), random.draw()))
            }
        }
        try read(&story, country, author, reader, envelope, shares, digest)
    }

    private func read(
        _ story: inout Story, _ country: KeyedCountry, _ author: KeyedParty, _ reader: KeyedParty,
        _ envelope: Envelope, _ shares: [SealedShare], _ digest: Bytes64
    ) throws {
        let header = envelope.prefix.header
        func open(_ party: KeyedParty) throws -> [UInt8] {
            let verified = try zip([UInt8(1), 3], shares).map { index, box in
                try ShareExpectation<KEM>(
                    [header], permits: [true], requestDigest: digest, from: index, in: country.recordKeys,
                    shareEpoch: 1, recipient: party.opening, party: reader.id,
                    signer: country.transcryptors[Int(index) - 1].signer.key.verifyingKey
                ).open(box, with: party.opening, forbidden: country.forbidden)
            }
            let key = try party.opening.unmasking(country.recordKeys.key)
                .recordKeys([header], requestDigest: digest, verified, participants: [1, 3])[0]
            return try envelope.open(with: key, authorKeys: [author.signer.key.verifyingKey])
        }
        let text = try story.tell("clinic-b", "combines the two shares and opens the record") { try open(reader) }
        story.note("it reads: \(String(decoding: text, as: UTF8.self))")
        do {
            _ = try open(author)
            throw Refusal(.conflict)
        } catch let refusal as Refusal where refusal.code == .seal {
            story.note("hospital-a, with the same shares in hand, is refused: \(refusal)")
        }
    }

    private func lie(
        _ story: inout Story, _ country: KeyedCountry, _ hospital: KeyedParty, _ centre: KeyedParty, _ held: Pair
    ) throws {
        let request = try request(held, hospital.domain, centre, country)
        var honest = try steps(request, hospital.domain, centre, country, [1, 2])
        // Transcryptor 2 turns the last step by the factor of another party.
        let wrong = try story.tell("transcryptor 2", "lies: it turns the last step with the factor of another party") {
            let liar = country.transcryptors[1]
            let other = try KeyedParty("shop-c", random)
            var legs = try country.legs(from: hospital.domain, to: centre.domain)
            legs[2] = try country.legs(from: hospital.domain, to: other.domain)[2]
            let claimed = ChainRequest(
                requestDigest: request.requestDigest, held: [try EncryptedPseudonym(wire: held.bytes)],
                at: hospital.domain, to: centre.domain, legs: legs, key: country.pseudonyms.key)
            let factor = try liar.factor(legs[2], from: hospital.domain, to: other.domain)
            return try liar.maker.step(
                claimed, after: Array(honest.prefix(2)), holder: 2, factor: factor, fresh: random.draw())
        }
        honest[2] = wrong
        do {
            _ = try request.verify(honest, keys: country.keys)
            throw Refusal(.conflict)
        } catch let refusal as Refusal where refusal.code == .reshuffle {
            story.note("refused: \(refusal); the step is signed by transcryptor 2, and that is the evidence")
        }
    }
}

/// The first bytes of a pseudonym, for a demonstration whose persons are made up.
private func short(_ pseudonym: Pseudonym) -> String {
    let digits = Array("0123456789abcdef")
    return String(pseudonym.encoding.bytes.prefix(6).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }) + ".."
}

/// Prints numbered steps and how long each took.
struct Story {
    private var number = 0

    mutating func tell<R>(_ who: String, _ what: String, _ work: () throws -> R) rethrows -> R {
        let clock = ContinuousClock()
        let start = clock.now
        let result = try work()
        number += 1
        let microseconds = (clock.now - start) / .microseconds(1)
        let label = (who + String(repeating: " ", count: 16)).prefix(16)
        print("\(number < 10 ? " " : "")\(number)  \(label) \(what)  [\(Int(microseconds)) us]")
        return result
    }

    func note(_ text: String) { print("                     \(text)") }
}
