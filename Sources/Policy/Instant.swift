import Polymorphic

/// A moment, in whole Unix seconds. It reaches every rule as an argument: no rule asks a clock.
public struct Instant: Hashable, Comparable, Sendable {
    /// Unix time. A moment of the wire lies below 2^53 (PROTOCOL 2.2), so sums of moments and spans never overflow.
    public let seconds: Int64

    public init(_ seconds: Int64) { self.seconds = seconds }
    /// A time of the wire, below 2^53.
    init(wire seconds: UInt64) { self.seconds = Int64(clamping: seconds) }

    /// `u64` of the wire; a moment before 1970 has none and becomes 0.
    var bytes: [UInt8] { UInt64(clamping: seconds).bigEndianBytes }

    public static func < (a: Instant, b: Instant) -> Bool { a.seconds < b.seconds }
    /// `b` seconds later.
    public static func + (a: Instant, b: Int64) -> Instant { Instant(a.seconds &+ b) }
    /// `b` seconds earlier.
    public static func - (a: Instant, b: Int64) -> Instant { Instant(a.seconds &- b) }
    /// Seconds from `b` to `a`.
    public static func - (a: Instant, b: Instant) -> Int64 { a.seconds &- b.seconds }
}

/// Spans in seconds, each with its source.
public enum Span {
    public static let minute: Int64 = 60
    public static let hour: Int64 = 3_600
    public static let day: Int64 = 86_400

    /// Gives, mandates and device entries are accepted from so long before they were signed ... (PROTOCOL 9)
    public static let entryEarly: Int64 = 120
    /// ... to so long after.
    public static let entryLate: Int64 = day
    /// Stop tags are kept longer than entries are accepted, or an entry could arrive after its stop was forgotten.
    public static let tagsKept: Int64 = 25 * hour
    /// A give holds so long at most: 366 days, so that a consent "for a year" always fits.
    public static let giveMax: Int64 = 366 * day
    /// A give that holds longer is wide.
    public static let narrowMax: Int64 = 30 * day
    /// A wide give waits so long for an objection.
    public static let pending: Int64 = day
    /// A device added by two officials waits so long for an objection (PROTOCOL 5).
    public static let devicePending: Int64 = 72 * hour
}

/// An interval of validity: from `notBefore` on, up to but not including `notAfter`.
public struct Validity: Hashable, Sendable {
    public let notBefore: Instant
    public let notAfter: Instant

    public init(notBefore: Instant, notAfter: Instant) { (self.notBefore, self.notAfter) = (notBefore, notAfter) }

    public func contains(_ now: Instant) -> Bool { notBefore <= now && now < notAfter }
    /// Seconds from beginning to end; negative where the end lies before.
    public var length: Int64 { notAfter - notBefore }
}
