import Authority
import DataCentre
import Device
import Exchanges
import Gateway
import NumberCentre
import Policy
import Polymorphic
import Ristretto255
import Synchronization
import Transcryptor

/// How a country begins: nodes start, parties and people are accredited, points and policy are published.
extension Country {
    func begin(_ services: [Service]) async throws {
        try await startCentres()
        let policy = PolicyDocument.standard(
            version: 1, notBefore: Instant(Int64(scheduler.now())), services: services)
        let authority = try authority()
        try await authority.publish(policy, approvals: approvals(authority.act("policy", sha512(policy.bytes).bytes)))
        try await authority.record(SignedEntry(pins.ceremony.packed, signatures: founding.signatures))
        try await accreditParties()
        for (id, _) in names.keepers { try await publishPoints(of: id) }
        try await startNodes()
        try await accreditPeople()
        // A minute later every node has a snapshot with all of it.
        await wait(seconds: 61)
    }

    /// Two officers sign an act.
    func approvals(_ act: OfficialAct) -> (OfficialAct, [Approval]) { (act, officers.map { $0.approve(act) }) }

    private func startCentres() async throws {
        let (ledger, names, scheduler) = (ledger, names, scheduler)
        try await network.add(names.ledger) { [network] _, _ in
            // After a crash it has only what is stored.
            if network.lives(of: names.ledger) > 1 { try await ledger.restart() }
            return ledger
        }
        try await network.add(names.authority) { [self] store, transport in
            let node = AuthorityNode(
                id: names.authority, secrets: authorityKeys.secrets, anchors: pins.anchors,
                officers: officers.map(\.officer), store: store,
                ledger: try ledgerReader(of: names.authority, names.authority, transport), clock: scheduler,
                random: random("authority \(network.lives(of: names.authority))"))
            try? await node.start()
            return node
        }
    }

    private func accreditParties() async throws {
        let random = random("accreditation")
        for party in founding.transcryptors {
            try await accredit(
                party.id, [.transcryptor], party.party.opening, party.signer.key.verifyingKey, tls: random.draw(),
                random)
        }
        let secrets = authorityKeys.secrets
        try await accredit(
            names.authority, [.authority], secrets.opening, secrets.signer.verifyingKey,
            tls: authorityKeys.tlsKeyHash, random)
        for (id, role) in names.keepers + [(names.numberCentre, .numberCentre)] {
            guard let keys = parties[id] else { continue }
            try await accredit(
                id, [role], keys.secrets.opening, keys.secrets.signer.verifyingKey, tls: keys.tlsKeyHash, random)
        }
    }

    private func accredit(
        _ id: PartyID, _ roles: [PartyRole], _ opening: borrowing OpeningKey, _ signing: VerifyingKey, tls: Bytes32,
        _ random: some RandomSource
    ) async throws {
        let entry = DirectoryEntry(
            party: id, roles: roles.map(\.name), keyEpoch: 1, key: opening.element,
            possession: opening.provePossession(party: id, keyEpoch: 1, fresh: random.draw()), signingKey: signing,
            tlsKeyHash: tls, pseudonymEpoch: 1, notBefore: scheduler.now(),
            notAfter: scheduler.now() + 366 * 86_400, sequence: 1)
        let authority = try authority()
        try await authority.accredit(entry, approvals: approvals(authority.act("accredit", sha512(entry.bytes).bytes)))
    }

    /// The points of a party's pseudonyms, each signed by its holders.
    private func publishPoints(of id: PartyID) async throws {
        let domain = Domain.party(id, epoch: 1)
        for step in pins.ceremony.route.steps {
            for holder in step.holders {
                let transcryptor = founding.transcryptors[Int(holder) - 1]
                guard let point = try transcryptor.secrets.factorPoint(step.id, domain) else { continue }
                let published = FactorPoint(step: step.id, holder: holder, party: id, epoch: 1, point: point)
                try await authority().list(published, signature: transcryptor.signer.key.sign(published.bytes))
            }
        }
    }

    private func startNodes() async throws {
        for party in founding.transcryptors { try await startTranscryptor(party) }
        for (id, role) in names.keepers {
            try await network.add(id) { [self] store, transport in
                let requester = try await requester(id, store, transport)
                // What was under way goes on when the node is up again.
                if role == .medicalCentre {
                    let node = DataCentreNode(requester: requester)
                    scheduler.spawn { _ = try? await node.start() }
                    return node
                }
                let node = GatewayNode(
                    requester: requester, random: random("terminals of \(id) \(network.lives(of: id))"))
                scheduler.spawn { _ = try? await node.start() }
                return node
            }
        }
        try await startNumberCentre()
    }

    private func startTranscryptor(_ party: FoundedTranscryptor) async throws {
        try await network.add(party.id) { [self] store, transport in
            TranscryptorNode(
                id: party.id, secrets: party.secrets, ceremony: pins.ceremony,
                parts: TranscryptorNode.Parts(
                    store: store, ledger: try ledgerReader(of: party.id, party.id, transport),
                    directory: try await directory(of: party.id, store, transport), clock: scheduler,
                    random: random("\(party.id) \(network.lives(of: party.id))"),
                    background: Spawned(scheduler: scheduler)))
        }
    }

    private func requester(
        _ id: PartyID, _ store: any NodeStore, _ transport: any Transport
    ) async throws -> Requester {
        guard let keys = parties[id] else { throw Refusal(.directory) }
        return Requester(
            secrets: keys.secrets, pins: pins, directory: try await directory(of: id, store, transport), store: store,
            clock: scheduler, random: random("\(id) \(network.lives(of: id))"), transport: transport,
            patience: patience)
    }

    private func startNumberCentre() async throws {
        let id = names.numberCentre
        guard let keys = parties[id] else { throw Refusal(.directory) }
        let secrets = RegistrySecrets(keys.secrets, rowKey: SecretBytes(count: 32, from: random("row key")))
        try await network.add(id) { [self] store, transport in
            NumberCentreNode(
                secrets: secrets,
                parts: NumberCentreNode.Parts(
                    pins: pins, directory: try await directory(of: id, store, transport),
                    officials: officials.map(\.officer), hash: AuthorityHash(country: self), store: store,
                    courier: Courier(transport, caller: id, patience: patience), clock: scheduler,
                    random: random("\(id) \(network.lives(of: id))")))
        }
    }

    private func accreditPeople() async throws {
        for id in [names.hospitalA, names.hospitalB] {
            _ = try await hire(at: id, [.physician])
            _ = try await hire(at: id, [.recordsClerk])
        }
        _ = try await hire(at: names.medical, [.anonymisationOfficer])
        _ = try await hire(at: names.anonymiser, [.anonymisationOfficer])
    }

    /// Gives a person of a party a credential.
    public func hire(at party: PartyID, _ roles: [Role]) async throws -> SoftwareAuthenticator {
        let count = people.withLock { $0[party]?.count ?? 0 }
        let site = RelyingParty(id: Array("\(party).warifu".utf8), origin: Array("https://\(party).warifu".utf8))
        let (from, to) = (scheduler.now(), scheduler.now() + 366 * 86_400)
        var made: Credential?
        let person = try SoftwareAuthenticator(
            relyingParty: site, from: random("person \(count) of \(party)")
        ) { (key, id) throws(Refusal) in
            let credential = Credential(
                party: party, personID: id, key: key, relyingParty: site, roles: roles.map(\.name), notBefore: from,
                notAfter: to, sequence: 1)
            made = credential
            return credential.hash
        }
        guard let credential = made else { throw Refusal(.directory) }
        let authority = try authority()
        try await authority.accredit(
            credential, approvals: approvals(authority.act("credential", credential.hash.bytes)))
        people.withLock { $0[party, default: []].append(person) }
        return person
    }

    /// The person of a party who was hired as the `number`-th, from 0.
    public func person(_ number: Int, of party: PartyID) throws(Refusal) -> SoftwareAuthenticator {
        guard let person = people.withLock({ $0[party]?.dropFirst(number).first }) else { throw Refusal(.directory) }
        return person
    }
}

/// The authority's keyed hash, in the same process.
struct AuthorityHash: NumberHash {
    let country: Country
    var publicKey: Element { country.authorityKeys.secrets.numberPublicKey }

    func evaluate(_ blinded: Element) async throws(Refusal) -> (evaluated: Element, proof: EqualityProof) {
        try await country.authority().evaluate(blinded, for: country.names.numberCentre)
    }
}

extension AuthorityNode {
    func publish(_ policy: PolicyDocument, approvals: (OfficialAct, [Approval])) async throws(Refusal) {
        try await publish(policy, approvals.0, approvals.1)
    }
    func accredit(_ entry: DirectoryEntry, approvals: (OfficialAct, [Approval])) async throws(Refusal) {
        try await accredit(entry, approvals.0, approvals.1)
    }
    func accredit(_ credential: Credential, approvals: (OfficialAct, [Approval])) async throws(Refusal) {
        try await accredit(credential, approvals.0, approvals.1)
    }
}
