import Device
import Exchanges
import Gateway
import NumberCentre
import Policy
import Polymorphic
import Ristretto255

/// A resident with a phone and a number.
public struct Resident: Sendable {
    public let identity: [UInt8]
    public let enrolID: Bytes16
    public let number: PersonalNumber
    public let phone: Phone
}

/// What residents and clinicians do.
extension Country {
    /// Enrols a resident with two officials.
    public func enrol(_ identity: String, algorithm: PhoneAlgorithm = .ed25519) async throws -> Resident {
        let phone = try await phone(of: identity, algorithm: algorithm)
        let name = Array(identity.utf8)
        let centre = try numberCentre()
        let keyHash = try phone.keyHash()
        let act = centre.enrolmentAct(identity: name, keyHash: keyHash)
        let offer = try await centre.enrol(identity: name, keyHash: keyHash, act, officials.map { $0.approve(act) })
        let papers = try await phone.papers(for: offer)
        try await phone.accept(try await centre.makeRows(papers))
        let issue = centre.act("number", papers.enrolID.bytes)
        let number = try await centre.issueNumber(for: papers.enrolID, issue, officials.map { $0.approve(issue) })
        return Resident(identity: name, enrolID: papers.enrolID, number: number, phone: phone)
    }

    /// Two officials sign an act of the number centre.
    public func officially(_ act: OfficialAct) -> [Approval] { officials.map { $0.approve(act) } }
    /// Two officers sign an act of the authority.
    public func officerApprovals(_ act: OfficialAct) -> [Approval] { officers.map { $0.approve(act) } }

    /// What a phone works with.
    public func phoneParts(_ name: String) async throws -> Phone.Parts {
        let store = MemoryNodeStore()
        let id = try PartyID("phone." + String(sha512(Array(name.utf8)).bytes.prefix(8).map { Self.hex($0) }.joined()))
        return Phone.Parts(
            pins: pins, directory: try await directory(of: nil, store, network),
            ledger: try ledgerReader(of: nil, id, network),
            courier: Courier(network, caller: nil, patience: patience), store: store, clock: scheduler,
            random: random("phone of \(name)"))
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = Array("0123456789abcdef")
        return "\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }

    public func phone(of name: String, algorithm: PhoneAlgorithm) async throws -> Phone {
        try await Phone.open(try await phoneParts(name), algorithm: algorithm)
    }

    /// A person presents herself at a terminal of a gateway.
    public func present(
        _ resident: Resident, at gateway: PartyID, for purpose: PurposeOfUse = .treatment
    ) async throws -> Presented {
        let (text, signature) = try self.gateway(gateway).terminal(purpose.name)
        return Presented(text, try await resident.phone.present(text, signature))
    }

    /// The terms of a consent for U1, with the digests of the words that the person reads.
    /// - Parameters:
    ///   - uses: at one transcryptor.
    ///   - days: how long it holds.
    public func terms(
        to party: PartyID, _ categories: [Policy.Category] = [.general, .laboratory, .medication],
        purpose: PurposeOfUse = .treatment, days: Int64 = 29, uses: UInt32 = 1_000,
        data: ClosedRange<UInt64> = 0...Country.dataEnd
    ) throws -> GiveTerms {
        let from = Instant(Int64(scheduler.now()) - 60)
        let until = from + days * 86_400
        let service = Service.all.first { $0.consentPurposes.contains(purpose) } ?? Service.all[0]
        let notice = try ConsentNotice(
            service,
            NoticeTerms(
                grantees: [party.description], purpose: purpose, categories: categories, dataFrom: data.lowerBound,
                dataTo: data.upperBound, until: until, maxUses: uses), in: .ja)
        return GiveTerms(
            grantees: [.party(party)], purposes: [purpose.name], categories: categories.map(\.name),
            dataFrom: data.lowerBound, dataTo: data.upperBound,
            dates: Validity(notBefore: from, notAfter: until), maxUses: uses, notice: notice.noticeDigest,
            refusal: notice.refusalDigest)
    }

    /// A minute far ahead: the end of a period that is open.
    public static let dataEnd: UInt64 = 40_000_000

    /// For what a clinician asks.
    public func use(
        _ role: Role = .physician, _ categories: [Policy.Category] = [.general, .laboratory, .medication],
        purpose: PurposeOfUse = .treatment, data: ClosedRange<UInt64> = 0...Country.dataEnd
    ) -> DataUse {
        DataUse(
            role: role.name, purpose: purpose.name, categories: categories.map(\.name), dataFrom: data.lowerBound,
            dataTo: data.upperBound)
    }
}
