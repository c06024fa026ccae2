import Device
import Exchanges
import Foundation
import Guards
import Ledger
import Policy
import Polymorphic
import Ristretto255

/// Whom to enrol: a CSV file as a register writes it (RFC 4180, UTF-8). A field that holds a My Number refuses its
/// line, and is shown nowhere.
public struct ResidentList: Sendable {
    public struct Line: Sendable, Equatable {
        /// Of the phone's folder.
        public let id: String
        /// What is proved to the officials.
        public let identity: String
    }

    /// Those that can be enrolled, in order.
    public let lines: [Line]
    /// Number of a line, from 2, to why it cannot.
    public let refused: [Int: String]

    static let bytesMax = 64 << 20
    static let linesMax = 100_000

    /// - Throws: `DeploymentFault.usage` for a file without the names of columns, or that is no CSV.
    public init(parsing text: String) throws {
        let rows = try CSV.rows(text)
        guard let head = rows.first else { throw DeploymentFault.usage("the list of residents is empty") }
        var columns: [String: Int] = [:]
        for (place, name) in head.enumerated() { columns[name.trimmingCharacters(in: .whitespaces)] = place }
        guard columns["name"] != nil || columns["family"] != nil else {
            throw DeploymentFault.usage("the list of residents has no column `name`, and none `family`")
        }
        var (lines, refused, seen) = ([Line](), [Int: String](), Set<String>())
        for (offset, row) in rows.dropFirst().enumerated() {
            let number = offset + 2
            func field(_ names: String...) -> String {
                for name in names {
                    if let place = columns[name], place < row.count, !row[place].isEmpty { return row[place] }
                }
                return ""
            }
            let hasNumber = row.contains { NationalNumber.occurs(in: $0.utf8) }
            guard !hasNumber || !enforced("guard:residents.number") else {
                refused[number] = "number"
                continue
            }
            let name = [field("name"), field("family"), field("given")].filter { !$0.isEmpty }.joined(separator: " ")
            let id = field("id", "resident_no")
            // The id becomes the name of a folder: one that could lead elsewhere is not used.
            let folder =
                Self.isFolder(id) || (!enforced("guard:residents.folder") && !id.isEmpty) ? id : "r\(offset + 1)"
            guard !name.isEmpty, row.count == head.count, seen.insert(folder).inserted else {
                refused[number] = name.isEmpty ? "name" : "line"
                continue
            }
            let parts = [name, field("birth_date"), field("sex"), field("address", "address_as_written")]
            lines.append(Line(id: folder, identity: parts.filter { !$0.isEmpty }.joined(separator: ", ")))
        }
        (self.lines, self.refused) = (lines, refused)
    }

    private static func isFolder(_ id: String) -> Bool {
        (1...40).contains(id.utf8.count)
            && id.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || $0 == 0x2d
            }
    }

    /// Reads a file.
    /// - Throws: `DeploymentFault`.
    public init(path: String) throws {
        guard let bytes = try DurableFile(path).read(atMost: Self.bytesMax),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw DeploymentFault.file("\(path) is missing, or no UTF-8") }
        try self.init(parsing: text)
    }

    // MARK: Enrolling

    /// Who is enrolled.
    public struct Enrolled: Sendable {
        public var all: [ReadyFile.Resident] = []
        public var refused: [String: String] = [:]
        public init() {}
    }

    /// Enrols those who are not enrolled yet, a few at a time.
    public func enrol(in country: CountryRun) async throws -> Enrolled {
        let home = country.home
        let officials = try home.officials().map { try $0.load() }
        let codes = await withTaskGroup(of: (Int, String?).self) { group in
            var (codes, next) = ([Int: String](), 0)
            func add() {
                guard next < lines.count else { return }
                let (place, line) = (next, lines[next])
                next += 1
                group.addTask { (place, await Self.enrol(line, home, officials)) }
            }
            for _ in 0..<4 { add() }
            for await (place, code) in group {
                codes[place] = code
                add()
            }
            return codes
        }
        var enrolled = Enrolled()
        for (number, why) in refused { enrolled.refused["\(number)"] = why }
        for (place, line) in lines.enumerated() {
            if let code = codes[place] {
                enrolled.refused["resident \(line.id)"] = code
            } else {
                enrolled.all.append(ReadyFile.Resident(id: line.id, phone: Self.folder(line, home)))
            }
        }
        return enrolled
    }

    private static func folder(_ line: Line, _ home: CountryHome) -> String { "\(home.path)/phones/\(line.id)" }

    /// - Returns: why not; nil: enrolled now or before.
    private static func enrol(_ line: Line, _ home: CountryHome, _ officials: [SoftwareAuthenticator]) async -> String?
    {
        let folder = PhoneFolder(folder(line, home), country: home.country)
        do {
            if !folder.exists { try folder.make(from: SystemRandom()) }
            // The number is told to the person; nobody listens here.
            _ = try await folder.open { try await $0.enrol(line.identity, by: officials) }
            return nil
        } catch let fault as CommandFault {
            return fault.code == .alreadyEnrolled ? nil : fault.code.rawValue
        } catch DeploymentFault.refused(_, let code) { return code } catch let refusal as Refusal {
            return refusal.code.rawValue
        } catch { return "unavailable" }
    }
}

/// Comma separated values (RFC 4180).
enum CSV {
    /// - Throws: `DeploymentFault.usage` with the number of the line, for quotation marks that do not match.
    static func rows(_ text: String) throws -> [[String]] {
        var (rows, row, field) = ([[String]](), [String](), "")
        var (isQuoted, wasQuoted, line) = (false, false, 1)
        func endRow() {
            row.append(field)
            if row != [""] { rows.append(row) }
            (row, field, wasQuoted) = ([], "", false)
        }
        var scalars = text.unicodeScalars.makeIterator()
        var pending = scalars.next()
        if pending?.value == 0xfeff { pending = scalars.next() }
        while let scalar = pending {
            pending = scalars.next()
            if scalar == "\n" { line += 1 }
            if isQuoted {
                if scalar != "\"" {
                    field.unicodeScalars.append(scalar)
                } else if pending == "\"" {
                    field.unicodeScalars.append("\"")
                    pending = scalars.next()
                } else {
                    isQuoted = false
                }
                continue
            }
            switch scalar {
            case "\"":
                guard field.isEmpty, !wasQuoted else {
                    throw DeploymentFault.usage("line \(line): a quotation mark stands inside a field")
                }
                (isQuoted, wasQuoted) = (true, true)
            case ",":
                row.append(field)
                (field, wasQuoted) = ("", false)
            case "\r" where pending == "\n": break
            case "\n": endRow()
            default: field.unicodeScalars.append(scalar)
            }
            guard rows.count <= ResidentList.linesMax + 1 || !enforced("guard:residents.lines") else {
                throw DeploymentFault.usage("too many residents: at most \(ResidentList.linesMax) in one file")
            }
        }
        guard !isQuoted else { throw DeploymentFault.usage("line \(line): a quotation mark is not closed") }
        endRow()
        return rows
    }
}
