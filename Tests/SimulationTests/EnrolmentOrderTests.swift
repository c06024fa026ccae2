import Device
import Exchanges
import Guards
import NumberCentre
import Polymorphic
import Ristretto255
import Simulation
import Testing
import Transcryptor

/// Every order of the calls by which a row is made, at the real node, with the bytes of a real enrolment.
@Suite struct EnrolmentOrderTests {
    enum Letter: String, CaseIterable, Sendable { case contribute, enrol, enrolAnother, row, rowOfAnother, secondPhone }

    /// What the registry has done so far, as PROTOCOL 5 tells it.
    private struct Model: Hashable {
        enum Signed { case nothing, theKey, another }
        var signed = Signed.nothing
        var hasRow = false
        var hasSecond = false

        mutating func take(_ letter: Letter) -> Refusal.Code? {
            switch letter {
            case .contribute: return nil
            case .enrol, .enrolAnother:
                let wanted: Signed = letter == .enrol ? .theKey : .another
                if signed != .nothing, signed != wanted { return .conflict }
                signed = wanted
            // n signatures stand in it, the own one among them: it needs no memory.
            case .row: hasRow = true
            // A key that the enrolment does not name never makes a row, and no row is made twice.
            case .rowOfAnother: return .row
            case .secondPhone:
                guard hasRow else { return .row }
                hasSecond = true
            }
            return nil
        }
    }

    @Test func inEveryStateEveryCallIsAnsweredAsTheProtocolSays() async throws {
        try await Country.run(seed: 206) { country in
            let (t1, registry) = (country.names.transcryptors[0], country.names.numberCentre)
            let messages = try await country.tap(t1)
            guard let node = country.network.node(t1) as? Tapped else { return }
            let other = try await country.enrol("somebody else")
            let enrolled = try await country.enrol("the person")
            // T1 as it was when it had contributed, and nothing more.
            func last(_ call: Call) throws -> [UInt8] { try #require(messages.value.last { $0.call == call }).body }
            var bodies: [Letter: [UInt8]] = [
                .contribute: try last(.contribute), .enrol: try last(.enrol), .row: try last(.row),
            ]
            bodies[.enrolAnother] = try RefusalWorld.changed(try last(.enrol), 1) { _ in
                [UInt8](repeating: 9, count: 64)
            }
            let foreign = try #require(messages.value.first { $0.call == .row }).body
            // The entry of somebody else under the enrolment of this person.
            bodies[.rowOfAnother] = try RefusalWorld.changed(try last(.row), 6) { _ in try Wire.elements(of: foreign)[6]
            }
            #expect(other.enrolID != enrolled.enrolID)
            _ = try await country.secondPhone(enrolled.phone, "second")
            bodies[.secondPhone] = try last(.row)
            let start = try node.replay(in: country) { contents in
                // The contribution is there, what came after it is not.
                var contents = contents
                let id = enrolled.enrolID.bytes
                let ofRows: Set<String> = ["rows", "handles", "device-keys", "watched", "history"]
                for (table, rows) in contents {
                    contents[table] = rows.filter { key, _ in
                        if ofRows.contains(table.name) { return false }
                        return table.name == "contributions" ? key != id + [1] : !key.starts(with: id)
                    }
                }
                return contents
            }
            try await Self.explore(start, bodies, registry)
        }
    }

    private static func explore(
        _ start: Replay, _ bodies: [Letter: [UInt8]], _ registry: PartyID
    ) async throws {
        var seen: Set<Model> = [Model()]
        var open: [(Replay, Model, [Letter])] = [(start, Model(), [])]
        while let (replay, model, path) = open.popLast() {
            for letter in Letter.allCases {
                var next = model
                let code = next.take(letter)
                let call: Call =
                    switch letter {
                    case .contribute: .contribute
                    case .enrol, .enrolAnother: .enrol
                    case .row, .rowOfAnother, .secondPhone: .row
                    }
                let (answer, after) = await replay.answer(call, try #require(bodies[letter]), from: registry)
                let what = "\(letter) after \(path)"
                if letter == .rowOfAnother {
                    // Its box is for another enrolment: it does not even open.
                    #expect(answer.code == .seal, "\(what)")
                } else {
                    #expect(answer.code == code, "\(what)")
                }
                #expect((after.contents == replay.contents) == (next == model), "\(what): state")
                if seen.insert(next).inserted { open.append((after, next, path + [letter])) }
            }
        }
        // Nothing, either key signed; with a row or without, and with a second phone.
        #expect(seen.count == 9)
    }
}

extension Tapped {
    /// The node behind it, over another state.
    func replay(in country: Country, _ change: (Contents) -> Contents) throws -> Replay {
        try Replay(behind: self, change(country.network.store(of: id)?.contents ?? [:]))
    }
}
