import Crypto
import Exchanges
import FHIR
import Policy
import Polymorphic
import Ristretto255

/// What is to be deposited of one patient: the difference between what the hospital has and what its book says.
struct DepositPlan: Sendable {
    struct Item: Sendable {
        let place: DepositBook.Place
        let plain: PlainRecord
        let bodyHash: [UInt8]
        let previous: ListedRecord?
    }

    /// New and changed records, in order of their places.
    let items: [Item]
    let unchanged: Int
    /// Records of kinds that no hospital deposits.
    let left: Int

    /// The kinds that a hospital may deposit (service U1).
    static let categories: Set<Policy.Category> = Set(
        Service.all
            .filter { $0.id == .u1 }.flatMap(\.flows).filter { flow in
                flow.requesters.contains(.hospital) && flow.exchanges.contains(.deposit(.medicalCentre))
            }.flatMap(\.categories))

    /// - Parameters:
    ///   - versions: what is about the patient and about nobody else, with what that refers to.
    ///   - base: the address of this server.
    init(_ versions: [StoredVersion], base: String, book: DepositBook, zoneMinutes: Int) {
        let records = RecordSplitter(period: .month, zoneMinutes: zoneMinutes).split(versions, base: base)
        var (items, unchanged, left, seen) = ([Item](), 0, 0, [DepositBook.Place: UInt32]())
        var open = Set(book.kept.keys)
        for plain in records {
            guard let category = Policy.Category(rawValue: plain.category.rawValue), Self.categories.contains(category)
            else {
                left += 1
                continue
            }
            let first = DepositBook.Place(category: plain.category.rawValue, minute: plain.dataMinute, ordinal: 0)
            let ordinal = seen[first, default: 0]
            seen[first] = ordinal + 1
            let place = DepositBook.Place(category: first.category, minute: first.minute, ordinal: ordinal)
            open.remove(place)
            let (hash, known) = (Self.hash(plain.body), book.kept[place])
            guard known?.bodyHash != hash else {
                unchanged += 1
                continue
            }
            items.append(Item(place: place, plain: plain, bodyHash: hash, previous: known?.record))
        }
        items += Self.emptied(open, book)
        self.items = items.sorted { $0.place < $1.place }
        (self.unchanged, self.left) = (unchanged, left)
    }

    /// Of what was deposited and is no more there is a record without resources: nothing is taken back from the centre,
    /// but what was deleted here is not read any more.
    private static func emptied(_ places: Set<DepositBook.Place>, _ book: DepositBook) -> [Item] {
        let body = Array(#"{"resourceType":"Bundle","type":"collection"}"#.utf8)
        let hash = hash(body)
        return places.compactMap { place in
            guard let known = book.kept[place], known.bodyHash != hash,
                let category = RecordCategory(rawValue: place.category)
            else { return nil }
            return Item(
                place: place, plain: PlainRecord(category: category, dataMinute: place.minute, body: body),
                bodyHash: hash, previous: known.record)
        }
    }

    private static func hash(_ body: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: body)) }

    /// The items in as few requests as the limits allow.
    var requests: [[Item]] {
        var rest = items[...]
        return RecordSplitter.requests(items.map(\.plain)).map { group in
            defer { rest = rest.dropFirst(group.count) }
            return Array(rest.prefix(group.count))
        }
    }
}
