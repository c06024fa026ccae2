import Polymorphic
import Ristretto255
import Testing
import VectorSupport

@testable import Policy

/// Remembers what it has verified: an order of events costs no signature twice.
final class RememberingCheck: SignatureCheck {
    private let known = Locked<[[UInt8]: Bool]>([:])

    func accepts(_ signature: [UInt8], over message: [UInt8], by key: DeviceKey) -> Bool {
        let question = Wire.list([signature, message, key.bytes])
        if let answer = known.withLock({ $0[question] }) { return answer }
        let answer = Ed25519Check().accepts(signature, over: message, by: key)
        known.withLock { $0[question] = answer }
        return answer
    }
}

/// What can happen to a row. Leaves come in the order of the Ledger at every Transcryptor; all else in any.
enum RowEvent: Hashable, Sendable, CustomStringConvertible {
    case give(String, SignedEntry)
    case mandate(String, SignedEntry)
    case confirm(String, SignedEntry)
    case stop(String, SignedEntry)
    case device(String, DeviceKey, ConsentRow.Device)
    case leaf(String, Bytes32)

    var description: String {
        switch self {
        case .give(let label, _), .mandate(let label, _), .confirm(let label, _), .stop(let label, _),
            .device(let label, _, _), .leaf(let label, _):
            label
        }
    }
    var isLeaf: Bool { if case .leaf = self { true } else { false } }
}

/// One Transcryptor's row with the tags it keeps.
struct Replica {
    var row: ConsentRow
    var history = RecentTags()
    let check: RememberingCheck

    init(_ row: ConsentRow, check: RememberingCheck) { (self.row, self.check) = (row, check) }

    /// Whether the event was taken.
    mutating func take(_ event: RowEvent) -> Bool {
        let now = Person.now + 60
        do {
            switch event {
            case .give(_, let entry):
                _ = try row.accept(give: entry, at: now, template: Person.template, check: check, history: history)
            case .mandate(_, let entry):
                _ = try row.accept(mandate: entry, at: now, check: check, history: history)
            case .confirm(_, let entry): try row.accept(confirmation: entry, at: now, check: check)
            case .stop(_, let entry): _ = try row.stop(entry, at: now, check: check)
            case .device(_, let key, let device): _ = try row.add(device, key: key, history: history)
            case .leaf(_, let tag):
                history.append(tag, at: now)
                row.read(leafTag: tag)
            }
            return true
        } catch { return false }
    }

    /// Takes all events in this order; what is refused is sent again, as a device does, until nothing more is taken.
    mutating func takeAll(_ events: some Sequence<RowEvent>) {
        var waiting = events.filter { !take($0) }
        while true {
            let still = waiting.filter { !take($0) }
            guard still.count < waiting.count else { return }
            waiting = still
        }
    }
}

@Suite struct ConsentOrderTests {
    static let deviceC = Person.Signer("third device")

    /// One person's day: gives of three devices, a delegate, stops of each kind by message and by leaf, a deny-all and
    /// the give after it. Each stop stands once as a message and once as the leaf of another Transcryptor.
    static func events() -> [RowEvent] {
        let (one, two, three) = (Person.give("one"), Person.give("two"), Person.give("three"))
        let (byTablet, ofDelegate) = (Person.give("by tablet"), Person.give("of delegate"))
        let afterwards = Person.give("afterwards") { $0.denials = 1 }
        let wide = Person.give("wide") { $0.grantees = [.roleClass(name("physician"))] }
        let mandate = Person.mandate()
        func give(_ label: String, _ give: Give, by signer: Person.Signer) -> RowEvent {
            .give(label, signer.sign(give.bytes))
        }
        func stop(_ label: String, _ target: StopTarget) -> RowEvent {
            .stop(label, Person.phone.sign(Person.stop(target).bytes))
        }
        func leaf(_ label: String, _ key: StopKey, _ target: StopTarget, _ i: UInt8) -> RowEvent {
            .leaf(label, key.tag(target, transcryptor: i))
        }
        let tablet = StopTarget(.device, Person.tablet.deviceID)
        let third = StopTarget(.device, deviceC.deviceID)
        return [
            give("give one", one, by: Person.phone), stop("stop one", StopTarget(.give, one.id)),
            leaf("leaf of stop one", one.stopKey, StopTarget(.give, one.id), 2),
            give("give by tablet", byTablet, by: Person.tablet), stop("stop tablet", tablet),
            leaf("leaf of stop tablet", Person.tablet.stopKey, tablet, 3),
            .device("third device", deviceC.key, deviceC.device()), give("give three", three, by: deviceC),
            leaf("leaf of stop third device", deviceC.stopKey, third, 1),
            give("give two", two, by: Person.phone),
            stop("deny all", .denyAll(1)), leaf("leaf of deny-all", Person.rowKey, .denyAll(1), 2),
            leaf("again leaf of deny-all", Person.rowKey, .denyAll(1), 3),
            give("give afterwards", afterwards, by: Person.phone),
            .device("delegate", Person.delegate.key, Person.delegate.device(isDelegate: true)),
            .mandate("mandate", Person.phone.sign(mandate.bytes)),
            give("give of delegate", ofDelegate, by: Person.delegate),
            stop("stop mandate", StopTarget(.mandate, mandate.id)),
            leaf("leaf of stop mandate", mandate.stopKey, StopTarget(.mandate, mandate.id), 1),
            give("wide", wide, by: Person.phone),
            .confirm("confirm wide", deviceC.sign(Confirmation(wide.id, signedAt: Person.now).bytes)),
        ]
    }

    /// Confirmations need a key that is not stopped at that moment (PROTOCOL 9), so these two do not commute.
    static func commute(_ events: [RowEvent]) -> Bool {
        let labels = Set(events.map(\.description))
        return !(labels.contains("confirm wide") && labels.contains("leaf of stop third device"))
    }

    /// Whether the leaves keep their order.
    static func inLedgerOrder(_ order: [RowEvent], _ ledger: [RowEvent]) -> Bool {
        order.filter(\.isLeaf) == ledger.filter(\.isLeaf)
    }

    static func permutations<T>(_ items: [T]) -> [[T]] {
        guard let first = items.first else { return [[]] }
        return permutations(Array(items.dropFirst())).flatMap { rest in
            (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
        }
    }

    static func subsets<T>(_ items: [T], _ count: Int) -> [[T]] {
        if count == 0 { return [[]] }
        guard let first = items.first else { return [] }
        let rest = Array(items.dropFirst())
        return subsets(rest, count - 1).map { [first] + $0 } + subsets(rest, count)
    }

    /// Every order of every set of `count` of these events.
    private func everyOrder(of events: [RowEvent], _ count: Int) throws -> Int {
        let (check, row) = (RememberingCheck(), try Person.row())
        var orders = 0
        for set in Self.subsets(events, count) where Self.commute(set) {
            var expected: [UInt8]?
            for order in Self.permutations(set) where Self.inLedgerOrder(order, set) {
                var replica = Replica(row, check: check)
                replica.takeAll(order)
                orders += 1
                if let expected {
                    #expect(replica.row.agreement == expected, "\(order)")
                } else {
                    expected = replica.row.agreement
                }
            }
        }
        return orders
    }

    @Test func everyOrderOfThreeEventsEndsInTheSameState() throws {
        let orders = try everyOrder(of: Self.events(), 3)
        #expect(orders > 5_000)
        print("\(orders) orders of three events, one state for each set")
    }

    @Test func everyOrderOfGiveStopSecondDeviceAndDenyAllEndsInTheSameState() throws {
        let labels: Set = [
            "give one", "stop one", "leaf of stop one", "third device", "give three", "leaf of stop third device",
            "deny all", "leaf of deny-all", "give afterwards",
        ]
        let orders = try everyOrder(of: Self.events().filter { labels.contains($0.description) }, 5)
        #expect(orders > 5_000)
        print("\(orders) orders of five events, one state for each set")
    }

    @Test func anyOrderOfAllEventsEndsInTheSameState() throws {
        let random = SeededRandom()
        let (check, row) = (RememberingCheck(), try Person.row())
        let all = Self.events().filter { $0.description != "confirm wide" }
        for _ in 0..<400 {
            let set = all.filter { _ in random.below(4) > 0 }
            var states: [[UInt8]] = []
            for _ in 0..<3 {
                // Three Transcryptors: each in its own order, some events twice, the leaves as the Ledger has them.
                var replica = Replica(row, check: check)
                replica.takeAll(Self.shuffled(set, random))
                states.append(replica.row.agreement)
            }
            #expect(states[0] == states[1] && states[1] == states[2], "\(set) \(random)")
        }
    }

    static func shuffled(_ events: [RowEvent], _ random: SeededRandom) -> [RowEvent] {
        var order = events + events.filter { !$0.isLeaf && random.below(3) == 0 }
        for i in order.indices.dropFirst() { order.swapAt(i, random.below(i + 1)) }
        // Put the leaves back into the order of the Ledger, at the places where leaves stand.
        let places = order.indices.filter { order[$0].isLeaf }
        for (place, leaf) in zip(places, events.filter(\.isLeaf)) { order[place] = leaf }
        return order
    }

    /// Without deny-alls and delegates nothing is refused for good, and the whole rows are equal, byte for byte.
    @Test func rowsWithGivesStopsAndDevicesAreEqualByteForByte() throws {
        let (check, row) = (RememberingCheck(), try Person.row())
        let labels: Set = [
            "give one", "stop one", "leaf of stop one", "give by tablet", "leaf of stop tablet", "third device",
            "give three",
        ]
        let set = Self.events().filter { labels.contains($0.description) }
        var expected: [UInt8]?
        for order in Self.permutations(set) where Self.inLedgerOrder(order, set) {
            var replica = Replica(row, check: check)
            replica.takeAll(order)
            if let expected { #expect(replica.row.bytes == expected, "\(order)") } else { expected = replica.row.bytes }
        }
    }

    @Test func aGiveThatWasDeadNeverComesBack() throws {
        let random = SeededRandom()
        let (check, row) = (RememberingCheck(), try Person.row())
        for _ in 0..<300 {
            var replica = Replica(row, check: check)
            var dead: Set<Bytes16> = []
            for event in Self.shuffled(Self.events(), random) + Self.shuffled(Self.events(), random) {
                _ = replica.take(event)
                for (id, stored) in replica.row.gives {
                    let stands = replica.row.stillStands(id, at: Person.now + 60)
                    let waits = replica.row.denialWaits || stored.isWide
                    if !stands && !waits { dead.insert(id) }
                    #expect(!(stands && dead.contains(id)), "\(event) revives \(random)")
                }
            }
        }
    }

    @Test func aRowThatIsMadeLateAgreesWithTheOthers() throws {
        let tags = { (c: UInt64, i: UInt8) in Person.rowKey.tag(.denyAll(c), transcryptor: i) }
        for (denials, leaves) in [
            (UInt64(0), [tags(1, 1)]), (0, [tags(1, 1), tags(1, 3), tags(2, 2)]), (1, [tags(1, 1), tags(2, 1)]),
            (0, [tags(2, 1), tags(1, 1)]),
        ] {
            var early = try Person.row()
            var history = RecentTags()
            for tag in leaves {
                early.read(leafTag: tag)
                history.append(tag, at: Person.now)
            }
            let late = try Person.row(denials: denials, history: history)
            #expect(late.agreement == early.agreement)
        }
    }
}
