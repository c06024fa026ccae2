/// The time that a date covers: `2026-04` is all of April. From `low` on, up to before `high`, in milliseconds.
public struct DateRange: Hashable, Sendable {
    public var low: Int64
    public var high: Int64

    public init(low: Int64, high: Int64) { (self.low, self.high) = (low, high) }

    static let everything = DateRange(low: .min, high: .max)

    /// What a text has to be.
    public enum Form: Sendable {
        /// `2026`, `2026-04`, `2026-04-01`, or with a time and zone.
        case element
        /// As `element`, and the zone and the seconds may be missing: values of searches.
        case search
        /// Down to the second at least, with a zone.
        case instant
    }

    /// Reads a FHIR date, dateTime or instant.
    /// - Parameter zoneMinutes: minutes east of Greenwich, for texts that name no zone.
    /// - Returns: nil where it is none.
    public init?(_ text: String, as form: Form = .element, zoneMinutes: Int = 0) {
        var reader = DateReader(text)
        guard let year = reader.digits(4), year >= 1 else { return nil }
        guard let date = reader.date(year: year, form: form, zoneMinutes: zoneMinutes) else { return nil }
        self = date
    }

    /// Two ranges with a time in common.
    func overlaps(_ other: DateRange) -> Bool { low < other.high && other.low < high }
    func contains(_ other: DateRange) -> Bool { low <= other.low && other.high <= high }
}

/// Reads the parts of a date from left to right.
private struct DateReader {
    private var rest: ArraySlice<UInt8>

    init(_ text: String) { rest = Array(text.utf8)[...] }

    mutating func digits(_ count: Int) -> Int? {
        guard rest.count >= count else { return nil }
        var value = 0
        for byte in rest.prefix(count) {
            guard byte &- UInt8(ascii: "0") <= 9 else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        rest = rest.dropFirst(count)
        return value
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func date(year: Int, form: DateRange.Form, zoneMinutes: Int) -> DateRange? {
        func range(_ first: CivilDate, _ next: CivilDate) -> DateRange? {
            guard form != .instant, rest.isEmpty, first.isValid else { return nil }
            let shift = Int64(zoneMinutes) * 60_000
            return DateRange(low: first.milliseconds - shift, high: next.milliseconds - shift)
        }
        guard take("-") else {
            return range(CivilDate(year: year, month: 1, day: 1), CivilDate(year: year + 1, month: 1, day: 1))
        }
        guard let month = digits(2), (1...12).contains(month) else { return nil }
        guard take("-") else {
            let next = CivilDate(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1)
            return range(CivilDate(year: year, month: month, day: 1), next)
        }
        guard let day = digits(2) else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        guard date.isValid else { return nil }
        guard take("T") else { return range(date, CivilDate(days: date.days + 1)) }
        return time(on: date, form: form, zoneMinutes: zoneMinutes)
    }

    private mutating func time(on date: CivilDate, form: DateRange.Form, zoneMinutes: Int) -> DateRange? {
        guard let hour = digits(2), hour <= 23, take(":"), let minute = digits(2), minute <= 59 else { return nil }
        var (low, width) = (date.milliseconds + Int64(hour * 60 + minute) * 60_000, Int64(60_000))
        if take(":") {
            // 60 is a leap second; it counts as the second before it.
            guard let second = digits(2), second <= 60 else { return nil }
            (low, width) = (low + Int64(min(second, 59)) * 1_000, 1_000)
            if take(".") {
                guard let (value, count) = fraction() else { return nil }
                let power: [Int64] = [100, 10, 1]
                (low, width) = (low + value, power[min(count, 3) - 1])
            }
        } else if form != .search {
            return nil
        }
        guard let zone = zone(form: form, zoneMinutes: zoneMinutes), rest.isEmpty else { return nil }
        low -= Int64(zone) * 60_000
        return DateRange(low: low, high: low + width)
    }

    /// Digits behind the point, in milliseconds; what is finer than a millisecond is cut off.
    private mutating func fraction() -> (Int64, Int)? {
        var (value, count) = (Int64(0), 0)
        while let digit = digits(1) {
            count += 1
            if count <= 3 { value = value * 10 + Int64(digit) }
        }
        guard count > 0 else { return nil }
        for _ in min(count, 3)..<3 { value *= 10 }
        return (value, count)
    }

    private mutating func zone(form: DateRange.Form, zoneMinutes: Int) -> Int? {
        if take("Z") { return 0 }
        // In the query of a URL an unescaped plus sign has become a space.
        let isEast = take("+") || (form == .search && take(" "))
        guard isEast || take("-") else { return form == .search ? zoneMinutes : nil }
        guard let hours = digits(2), hours <= 14, take(":"), let minutes = digits(2), minutes <= 59 else { return nil }
        return (isEast ? 1 : -1) * (hours * 60 + minutes)
    }
}
