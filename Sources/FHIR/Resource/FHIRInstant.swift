/// A moment, in milliseconds since 1970-01-01T00:00:00Z. Years 1 to 9999.
public struct FHIRInstant: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, Self.first), Self.last)
    }

    private static let first = CivilDate(year: 1, month: 1, day: 1).milliseconds
    private static let last = CivilDate(year: 10_000, month: 1, day: 1).milliseconds - 1

    public static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }

    /// `2026-04-01T09:30:00.000Z`
    public var description: String {
        let (date, time) = split
        let (seconds, fraction) = (time / 1_000, time % 1_000)
        return date.description + "T" + pad(seconds / 3_600, 2) + ":" + pad(seconds / 60 % 60, 2) + ":"
            + pad(seconds % 60, 2) + "." + pad(fraction, 3) + "Z"
    }

    /// `Wed, 01 Apr 2026 09:30:00 GMT` (RFC 9110 5.6.7)
    public var httpDate: String {
        let (date, time) = split
        let day = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][((date.days % 7) + 7) % 7]
        let seconds = time / 1_000
        let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { pad($0, 2) }.joined(separator: ":")
        return "\(day), \(pad(date.day, 2)) \(CivilDate.monthNames[date.month - 1]) \(pad(date.year, 4)) \(clock) GMT"
    }

    private var split: (date: CivilDate, time: Int) {
        let day: Int64 = 86_400_000
        let days = milliseconds >= 0 ? milliseconds / day : (milliseconds - day + 1) / day
        return (CivilDate(days: Int(days)), Int(milliseconds - days * day))
    }

    /// The date in the zone that is so many minutes east of Greenwich.
    func date(zoneMinutes: Int) -> CivilDate {
        FHIRInstant(milliseconds: milliseconds + Int64(zoneMinutes) * 60_000).split.date
    }
}

func pad(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// A day of the Gregorian calendar.
struct CivilDate: Hashable, Sendable, CustomStringConvertible {
    let year: Int
    let month: Int
    let day: Int

    static let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    init(year: Int, month: Int, day: Int) { (self.year, self.month, self.day) = (year, month, day) }

    /// Days since 1970-01-01; H. Hinnant, "chrono-compatible low-level date algorithms".
    init(days: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var days: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    var milliseconds: Int64 { Int64(days) * 86_400_000 }

    var isValid: Bool {
        (1...9_999).contains(year) && (1...12).contains(month) && day >= 1 && day <= Self.daysIn(month, of: year)
    }

    static func daysIn(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    var description: String { pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2) }
}
