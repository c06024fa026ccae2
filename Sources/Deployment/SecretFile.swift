import Foundation
import Guards
import Polymorphic
import Ristretto255

#if canImport(Glibc)
    import Glibc
#endif

/// Secrets of one node on its disk: a file of mode 0600 with fields of 32 bytes each. It is read into locked memory and
/// nowhere else. Who can read it is the node; a deployment puts it on an encrypted volume or hands it in at the start.
public struct SecretFile: Sendable {
    public static let fieldBytes = 32
    private static let mark = Array("WRFK0001".utf8)
    public let path: String

    public init(_ path: String) { self.path = path }

    /// What a new field is.
    public enum Field: Sendable {
        /// 32 random bytes.
        case bytes
        /// A random scalar, encoded.
        case scalar
    }

    /// Makes the file with fresh fields.
    /// - Throws: `DeploymentFault.exists` if there is one.
    public func make(_ fields: [Field], from random: some RandomSource) throws {
        let all = SecretBytes(count: fields.count * Self.fieldBytes) { out in
            for (number, field) in fields.enumerated() {
                let start = number * Self.fieldBytes
                let place = UnsafeMutableRawBufferPointer(rebasing: out[start..<(start + Self.fieldBytes)])
                switch field {
                case .bytes: random.fill(place)
                case .scalar: SecretScalar(from: random).withEncoding { place.copyBytes(from: $0) }
                }
            }
        }
        try write(all)
    }

    /// Writes the file, which must not be there yet.
    /// - Parameter fields: a multiple of 32 bytes.
    public func write(_ fields: borrowing SecretBytes) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw errno == EEXIST ? DeploymentFault.exists(path) : DeploymentFault.file("\(path) cannot be written")
        }
        defer { close(file) }
        let head = Self.mark.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        let body = fields.withBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard head == Self.mark.count, body == fields.count, fsync(file) == 0 else {
            throw DeploymentFault.file("\(path) cannot be written")
        }
    }

    /// The fields, in locked memory.
    /// - Throws: `DeploymentFault.file` for a file that others may read as well, or of another form.
    public func read() throws -> SecretFields {
        // Whoever could put another file in its place between these two is the node already.
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else {
            throw DeploymentFault.file("\(path) is missing")
        }
        // Not `fstat`: which module its fields belong to changes with the order in which the compiler reads files.
        let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0o777
        guard mode & 0o077 == 0 || !enforced("guard:secrets.mode") else {
            throw DeploymentFault.file("\(path) may be read by others: chmod 600, and think of it as known to them")
        }
        let file = open(target, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw DeploymentFault.file("\(path) is missing") }
        defer { close(file) }
        let count = ((attributes[.size] as? NSNumber)?.intValue ?? 0) - Self.mark.count
        guard (1...4_096).contains(count), count % Self.fieldBytes == 0 else {
            throw DeploymentFault.file("\(path) is damaged")
        }
        var head = [UInt8](repeating: 0, count: Self.mark.count)
        let headRead = head.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        var isWhole = headRead == Self.mark.count && head == Self.mark
        let bytes = SecretBytes(count: count) { out in
            isWhole = isWhole && Glibc.read(file, out.baseAddress, count) == count
        }
        guard isWhole else { throw DeploymentFault.file("\(path) is damaged") }
        return SecretFields(bytes)
    }
}

/// Fields of 32 secret bytes.
public final class SecretFields: Sendable {
    private let bytes: SecretBytes
    public var count: Int { bytes.count / SecretFile.fieldBytes }

    init(_ bytes: consuming SecretBytes) { self.bytes = bytes }

    /// A copy of one field, in locked memory of its own.
    /// - Throws: `length` where there is none.
    public func field(_ number: Int) throws(Refusal) -> SecretBytes {
        guard (0..<count).contains(number) else { throw Refusal(.length) }
        let start = number * SecretFile.fieldBytes
        return bytes.withBytes { raw in
            SecretBytes(
                copying: UnsafeRawBufferPointer(rebasing: raw[start..<(start + SecretFile.fieldBytes)]))
        }
    }

    /// A field as a scalar, as it was stored.
    /// - Throws: `scalar` for one that is not canonical, `length`.
    public func scalar(_ number: Int) throws(Refusal) -> SecretScalar {
        let field = try field(number)
        do { return try field.withBytes { try SecretScalar(decoding: $0) } } catch { throw Refusal(.scalar) }
    }
}
