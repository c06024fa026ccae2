import DataCentre
import Deployment
import Device
import Exchanges
import FHIR
import Policy
import Polymorphic
import Ristretto255
import SQLiteStore
import TransparencyLog

/// What becomes of the records: known at A, deposited, found and read at B, seen in the history.
extension CountryStory {
    /// The pseudonym under which a hospital knows a patient of its own.
    private func pseudonym(of patient: String, at hospital: String) async throws -> [UInt8] {
        let store = try teller.need(run.node(hospital)?.store, "pseudonym.store")
        let links = try await store.read {
            try $0.scan(Table("link-patient", keys: .hidden), prefix: [], after: nil, limit: 10_000)
        }
        return try teller.need(links.first { $0.key == Array(patient.utf8) }?.value, "pseudonym.known")
    }

    private static func short(_ pseudonym: [UInt8]) -> String { Hex.encode(Array(pseudonym.prefix(4))) + ".." }

    func identify(_ open: OpenPhone, _ patient: String) async throws {
        _ = try await teller.step(.hospitalA, of: open.phone, leaves: 2) {
            try await a.ask("/visits/\(try await a.visit(open))/identify", [("patient", .string(patient))])
        } say: { answer, _ in
            let known = try answer.json("identified")["patient"]?.string
            try teller.check(answer.status == 200 && known == patient, "identified.patient")
            let pseudonym = try await pseudonym(of: patient, at: Self.hospitalA)
            watch.seek(.pseudonymA, [pseudonym])
            return Said(.identified, [.mark: .text(Self.short(pseudonym))])
        }
    }

    private func centre() throws -> DataCentreNode {
        try teller.need(run.node("medical-centre")?.node as? DataCentreNode, "centre")
    }

    /// Sealed records at the centre.
    private func sealed() async throws -> Int {
        let store = try teller.need(run.node("medical-centre")?.store, "centre.store")
        return try await store.read { try $0.scan(Table("record"), prefix: [], after: nil, limit: 1_000_000).count }
    }

    func deposit(_ patient: String, _ open: OpenPhone) async throws {
        let known = Set(try await centre().persons(limit: 1_000).map { $0.encoding.bytes })
        let before = try await sealed()
        _ = try await teller.step(.hospitalA, of: open.phone, leaves: 2) {
            try await a.ask("/patients/\(patient)/deposit")
        } say: { answer, passages in
            let json = try answer.json("deposited")
            func count(_ name: String) -> Int { json[name]?.numberText.flatMap { Int($0) } ?? -1 }
            try teller.check(answer.status == 200 && count("refused") == 0, "deposited.all")
            let all = try await sealed()
            try teller.check(all > before && all - before == count("records") + count("unchanged"), "deposited.count")
            let new = Set(try await centre().persons(limit: 1_000).map { $0.encoding.bytes }).subtracting(known)
            try teller.check(new.count == 1, "deposited.one-person")
            let atA = try await pseudonym(of: patient, at: Self.hospitalA)
            try teller.check(!new.contains(atA), "deposited.other-pseudonym")
            watch.seek(.pseudonymCentre, Array(new))
            // Nobody has decided who will read: the reader stands in none of the messages.
            let messages = CountryWatch.asked(passages)
            let reader = [Array(Self.hospitalB.utf8)]
            let named = messages.contains { $0.bytes.contains { DemoWatch.contains($0, reader) } }
            try teller.check(!messages.isEmpty && !named, "deposited.no-reader")
            return Said(.deposits, [.records: .count(all - before), .count: .count(messages.count)])
        }
    }

    /// - Returns: her id at B.
    func openAtB(_ open: OpenPhone, _ atA: String) async throws -> String {
        let sealed = try await sealed()
        let answer = try await teller.step(.hospitalB, of: open.phone, leaves: 6) {
            try await b.ask("/visits/\(try await b.visit(open))/open")
        } say: { answer, _ in
            try teller.check(answer.status == 200, "found.\(answer.status)")
            let json = try answer.json("found")
            let found = json["found"]?.numberText.flatMap { Int($0) } ?? 0
            let patient = try teller.need(json["patient"]?.string, "found.patient")
            let records = json["records"]?.numberText.flatMap { Int($0) }
            try teller.check(found > 0 && found <= sealed && records == found, "found.records")
            let (here, there) = (
                try await pseudonym(of: patient, at: Self.hospitalB), try await pseudonym(of: atA, at: Self.hospitalA)
            )
            try teller.check(here != there && patient != atA, "found.other-pseudonym")
            watch.seek(.pseudonymB, [here])
            return Said(.found, [.mark: .text(Self.short(here)), .records: .count(found)])
        }
        return try teller.need(try answer.json("found")["patient"]?.string, "found.patient")
    }

    func readAtB(_ patient: String, _ bundle: DemoBundle) async throws {
        _ = try await teller.step(.hospitalB) {
            try await b.everything(patient)
        } say: { read, _ in
            let count = try teller.need(try DemoCompare.same(sent: bundle.json, read: read), "read.same")
            try teller.check(count == bundle.resources, "read.all")
            return Said(.readSame, [.records: .count(count)])
        }
    }

    func lookBack(_ open: OpenPhone) async throws {
        _ = try await teller.step(.patient) {
            try await teller.history(open.phone)
        } say: { history, _ in
            // Identify and deposit at A; identify, find and fetch at B.
            let asked = history.uses.map(\.requester.description)
            let atA = asked.prefix { $0 == Self.hospitalA }.count
            try teller.check(atA >= 2 && asked.count - atA >= 3, "history.uses")
            try teller.check(asked.dropFirst(atA).allSatisfy { $0 == Self.hospitalB }, "history.order")
            try teller.check(history.uses.allSatisfy { $0.isDelivered(pinned.pins) }, "history.delivered")
            // Each of them has written about her, and none is silent or hides something.
            let heads = Set(history.entries.map(\.index))
            try teller.check(heads.count == Int(pinned.pins.ceremony.n), "history.heads")
            return Said(.looksBack, [.uses: .count(history.uses.count), .count: .count(heads.count)])
        }
    }
}
