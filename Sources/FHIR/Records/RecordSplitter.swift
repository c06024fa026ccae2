/// A record for the Medical Centre before it is sealed.
///
/// What stands outside the seal is category and data minute, and they say a kind of data and a month; everything else,
/// identifiers of any kind included, is in `body` only.
public struct PlainRecord: Hashable, Sendable {
    public let category: RecordCategory
    /// Unix time / 60 of the beginning of the time that the record is about; 0: before 1970.
    public let dataMinute: UInt64
    /// A FHIR Bundle of type `collection`, without space between tokens, the same bytes for the same resources.
    public let body: [UInt8]

    public init(category: RecordCategory, dataMinute: UInt64, body: [UInt8]) {
        (self.category, self.dataMinute, self.body) = (category, dataMinute, body)
    }
}

/// How much time one record is about.
public enum RecordPeriod: String, Hashable, Sendable, CaseIterable {
    case day, month, year

    /// The first minute of the day, month or year of a moment.
    func start(of milliseconds: Int64, zoneMinutes: Int) -> UInt64 {
        let date = FHIRInstant(milliseconds: milliseconds).date(zoneMinutes: zoneMinutes)
        let first =
            switch self {
            case .day: date
            case .month: CivilDate(year: date.year, month: date.month, day: 1)
            case .year: CivilDate(year: date.year, month: 1, day: 1)
            }
        return UInt64(max(0, Int64(first.days) * 1_440 - Int64(zoneMinutes)))
    }

    /// The minutes of a consent that release nothing outside `low ..< high`: whole periods only. nil: not one fits.
    ///
    /// A record is released as a whole, when its first minute lies in the period of the consent, both ends included. So
    /// the end moves back to before the last period that is not whole, and the beginning needs no move: a period that
    /// it cuts has its first minute before it.
    public func enforceable(from low: UInt64, to high: UInt64, zoneMinutes: Int) -> (from: UInt64, to: UInt64)? {
        let last = start(of: Int64(clamping: high) * 60_000, zoneMinutes: zoneMinutes)
        guard last > low else { return nil }
        return (low, last - 1)
    }
}

/// Divides a patient's resources into records, so that a consent by category and time releases what it covers and
/// nothing else, in few records (docs/fhir.md).
public struct RecordSplitter: Sendable {
    public var period: RecordPeriod
    public var zoneMinutes: Int
    /// Bytes of a body beyond which the same category and time get another record.
    public var bodyMax: Int

    /// - Parameter bodyMax: 1 MiB; 256 of them would fill four deposits.
    public init(period: RecordPeriod = .month, zoneMinutes: Int = 540, bodyMax: Int = 1 << 20) {
        (self.period, self.zoneMinutes, self.bodyMax) = (period, zoneMinutes, bodyMax)
    }

    private struct Place: Hashable, Comparable {
        let category: RecordCategory
        let minute: UInt64
        static func < (a: Self, b: Self) -> Bool { (a.category, a.minute) < (b.category, b.minute) }
    }

    /// Divides what is kept about one patient.
    ///
    /// Resources that are about nobody (practitioners, organisations) go into every record that refers to them: a
    /// record can be read alone. Those to which nothing refers are left out, and so are AuditEvents, which stay where
    /// they were written.
    /// - Parameter versions: the newest ones; deletions are left out.
    /// - Returns: in order of category and time; the same bytes whatever order the resources come in.
    public func split(_ versions: [StoredVersion], base: String) -> [PlainRecord] {
        let kept = versions.filter { $0.resource != nil && $0.key.type != .auditEvent }
        let shared = Dictionary(
            kept.filter { $0.patients.isEmpty }.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let own = kept.filter { !$0.patients.isEmpty }.sorted { $0.key < $1.key }
        let minutes = minutes(of: own, base: base)
        var places: [Place: [StoredVersion]] = [:]
        for stored in own {
            guard let resource = stored.resource else { continue }
            let place = Place(category: RecordCategory(of: resource), minute: minutes[stored.key] ?? 0)
            places[place, default: []].append(stored)
        }
        return places.sorted { $0.key < $1.key }.flatMap { place, resources in
            records(place, resources, shared: shared, base: base)
        }
    }

    /// The records of one category and time: as a rule one.
    private func records(
        _ place: Place, _ resources: [StoredVersion], shared: [ResourceKey: StoredVersion], base: String
    ) -> [PlainRecord] {
        var (records, group, size) = ([PlainRecord](), [StoredVersion](), 0)
        func close() {
            guard !group.isEmpty else { return }
            let all = group + Self.supporting(group, shared, base)
            records.append(
                PlainRecord(category: place.category, dataMinute: place.minute, body: Self.body(all)))
            (group, size) = ([], 0)
        }
        for stored in resources {
            let bytes = stored.resource?.json.range.count ?? 0
            if size + bytes > bodyMax { close() }
            group.append(stored)
            size += bytes
        }
        close()
        return records
    }

    /// What the resources refer to, and what that refers to again.
    private static func supporting(
        _ group: [StoredVersion], _ shared: [ResourceKey: StoredVersion], _ base: String
    ) -> [StoredVersion] {
        var (known, new, out) = (Set<ResourceKey>(), group, [StoredVersion]())
        while !new.isEmpty {
            let keys = Set(new.flatMap { $0.resource?.references ?? [] }.compactMap { $0.key(on: base) })
            new = keys.subtracting(known).compactMap { shared[$0] }
            known.formUnion(keys)
            out += new
        }
        return out.sorted { $0.key < $1.key }
    }

    private static func body(_ resources: [StoredVersion]) -> [UInt8] {
        var writer = BundleWriter("collection")
        for stored in resources { writer.entry(fullUrl: nil, stored.resource?.bytes, []) }
        return writer.finish()
    }

    // MARK: Time

    /// The time of each resource: its own; else that of the encounter it names; else the earliest of those that refer
    /// to it; else that of its last change.
    private func minutes(of own: [StoredVersion], base: String) -> [ResourceKey: UInt64] {
        var times: [ResourceKey: Int64] = [:]
        for stored in own {
            guard stored.key.type != .patient, let resource = stored.resource,
                let range = ClinicalDate.range(of: resource, zoneMinutes: zoneMinutes)
            else { continue }
            times[stored.key] = range.low > .min ? range.low : range.high
        }
        let dated = times
        for stored in own where dated[stored.key] == nil && stored.key.type != .patient {
            let encounters = stored.resource?.references(of: "encounter", base: base) ?? []
            if let time = encounters.compactMap({ dated[$0] }).min() { times[stored.key] = time }
        }
        for stored in own {
            guard let time = dated[stored.key] else { continue }
            for key in stored.resource?.references.compactMap({ $0.key(on: base) }) ?? []
            where dated[key] == nil && key.type != .patient {
                times[key] = min(times[key] ?? time, time)
            }
        }
        for stored in own where times[stored.key] == nil { times[stored.key] = stored.lastUpdated.milliseconds }
        return times.mapValues { period.start(of: $0, zoneMinutes: zoneMinutes) }
    }

    // MARK: Requests

    /// Records of a request, and bytes of the bodies in it (PROTOCOL 8: 256 records, 64 MiB for deliver and bodies;
    /// padding adds an eighth at most).
    public static let recordsPerRequest = 256
    public static let bytesPerRequest = 48 << 20

    /// Packs records into as few requests as the limits allow, in order.
    public static func requests(_ records: [PlainRecord]) -> [[PlainRecord]] {
        var (requests, bytes) = ([[PlainRecord]](), 0)
        for record in records {
            if let last = requests.last, last.count < recordsPerRequest, bytes + record.body.count <= bytesPerRequest {
                requests[requests.count - 1].append(record)
            } else {
                requests.append([record])
                bytes = 0
            }
            bytes += record.body.count
        }
        return requests
    }
}
