import Authority
import DataCentre
import Device
import Exchanges
import Gateway
import NumberCentre
import Policy
import Ristretto255
import Testing

@testable import Polymorphic
@testable import Simulation
@testable import Transcryptor

/// One country in which every kind of refusal is caused.
struct RefusalWorld: Sendable {
    let country: Country
    let names: Country.Names
    let patient: Patient
    /// Transcryptor 1, and everything that came to it.
    let node: TranscryptorNode
    let atT1: Shared<[Tapped.Message]>
    /// Changes the bodies of one call at a node while it is set.
    let changes: [PartyID: Shared<(Call, @Sendable ([UInt8]) async throws -> [UInt8])?>]
    let found: [FoundRecord]

    init(_ country: Country) async throws {
        (self.country, names) = (country, country.names)
        var changes: [PartyID: Shared<(Call, @Sendable ([UInt8]) async throws -> [UInt8])?>] = [:]
        guard let node = country.network.node(names.transcryptors[0]) as? TranscryptorNode else {
            throw Refusal(.unavailable)
        }
        self.node = node
        atT1 = try await country.tap(names.transcryptors[0])
        for id in [names.transcryptors[0], names.medical] {
            let change = Shared<(Call, @Sendable ([UInt8]) async throws -> [UInt8])?>(nil)
            changes[id] = change
            try await country.intercept(id) { (call, body) in
                guard let (wanted, change) = change.value, wanted == call else { return nil }
                return try await change(body)
            }
        }
        self.changes = changes
        patient = try await country.patient()
        let owed = try await country.gateway(names.hospitalA).requester.settle()
        #expect(owed == 0)
        found = try await country.deposit([country.record("one"), country.record("two")], of: patient)
    }

    var t1: PartyID { names.transcryptors[0] }

    /// The last body of a call at transcryptor 1.
    func last(_ call: Call) throws -> [UInt8] {
        guard let message = atT1.value.last(where: { $0.call == call }) else { throw Refusal(.unavailable) }
        return message.body
    }

    /// The code with which a call is refused.
    func code(_ call: Call, _ body: [UInt8], at id: PartyID? = nil, as caller: PartyID?) async -> Refusal.Code? {
        await country.ask(call, body, at: id ?? t1, as: caller).code
    }

    /// The code with which an exchange ends, of a refusal or of a lie.
    func code(_ body: () async throws -> Void) async -> Refusal.Code? {
        do { try await body() } catch {
            switch error {
            case ExchangeFailure.refused(_, let refusal), ExchangeFailure.unusable(let refusal): return refusal.code
            case ExchangeFailure.lied(let liar): return liar.refusal.code
            default: return (error as? Refusal)?.code
            }
        }
        return nil
    }

    /// The code of an exchange of which one call is changed on its way.
    func code(
        changing call: Call, at id: PartyID? = nil, _ change: @escaping @Sendable ([UInt8]) async throws -> [UInt8],
        in body: () async throws -> Void
    ) async -> Refusal.Code? {
        changes[id ?? t1]?.change { $0 = (call, change) }
        defer { changes[id ?? t1]?.change { $0 = nil } }
        return await code(body)
    }

    func find() async throws { _ = try await country.found(of: patient) }
    func deposit(_ name: String) async throws { try await country.deposit([country.record(name)], of: patient) }

    /// Why transcryptor 1 does not know a presented person: nobody outside is told.
    func finding(breaking: Bool = false, _ change: (inout [UInt8]) -> Void) async throws -> Refusal.Code? {
        let gateway = try country.gateway(names.hospitalA)
        let (text, signature) = gateway.terminal(PurposeOfUse.treatment.name)
        let honest = try await patient.resident.phone.present(text, signature)
        let info = PresentationBox.info(text.exchangeID, 1)
        var plain = try node.secrets.opening.open(honest.boxes[0], info: info, forbidden: country.pins.forbidden)
        change(&plain)
        var boxes = honest.boxes
        boxes[0] = try Seal.seal(
            plain, to: node.secrets.openingElement, info: info, sender: node.secrets.z, fresh: node.fresh())
        if breaking { boxes[0][100] ^= 1 }
        let shown = Presented(text, Presentation(presented: honest.presented, time: honest.time, boxes: boxes))
        let ended = await failure {
            _ = try await gateway.identify(shown, for: country.use(), by: try country.doctor(names.hospitalA))
        }
        #expect(ended == .notPermitted)
        let call = try DecideCall(body: try last(.decide))
        let incoming = try await node.incoming(call.request, from: names.hospitalA, .later)
        return try await node.origins(call, incoming, .later)[0].refusal
    }

    /// Why a record of the last deposit is refused alone: nobody outside is told either.
    func recordFinding(tie: SamePerson?) async throws -> Refusal.Code? {
        let bodies = atT1.value.filter { $0.call == .decide }.map(\.body)
        let call = bodies.compactMap { try? DecideCall(body: $0) }.last { !($0.ties.first ?? []).isEmpty }
        guard let call else { return nil }
        let incoming = try await node.incoming(call.request, from: names.hospitalA, .later)
        let origin = try await node.origins(call, incoming, .later)[0]
        var findings = DepositFindings(
            node, incoming, try EncryptedPseudonym(wire: incoming.content.items[0].bytes), 0, tie, origin.row)
        return findings.failure(of: call.records[0])
    }

    /// A list with one field changed.
    static func changed(_ body: [UInt8], _ place: Int, _ change: ([UInt8]) throws -> [UInt8]) throws -> [UInt8] {
        var fields = try Wire.elements(of: body)
        fields[place] = try change(fields[place])
        return Wire.list(fields)
    }
}
