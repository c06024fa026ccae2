/// A day of the Gregorian calendar in Japan (UTC+9, no summer time), for texts that people read.
package struct CalendarDate: Hashable, Sendable {
    let year: Int64
    let month: Int64
    let day: Int64

    package init(_ instant: Instant) {
        // Days since 0000-03-01, in eras of 400 years; February last, so that a leap day ends its year.
        let days = floorDiv(instant.seconds + 9 * Span.hour, Span.day) + 719_468
        let era = floorDiv(days, 146_097)
        let ofEra = days - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * ofYear + 2) / 153
        day = ofYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// - Parameter minute: Unix time / 60, below 2^53.
    init(minute: UInt64) { self.init(Instant(Int64(clamping: minute) * Span.minute)) }

    /// `2030-01-31`.
    package var text: String { "\(year)-\(Self.two(month))-\(Self.two(day))" }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

private func floorDiv(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : (a - b + 1) / b }
