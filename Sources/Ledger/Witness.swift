import Crypto
import Dispatch
import Guards
import TransparencyLog

/// Where a witness keeps the last checkpoint it signed for each log.
///
/// Durable when `save` returns; if `save` throws, the witness must not answer and its process ends. Whoever can put an
/// older file back can make the witness sign a second history: it is the one thing a witness is trusted for.
public protocol WitnessState: Sendable {
    /// The stored note, with log and witness signature, by the SHA-256 of the origin in hexadecimal.
    func load(_ originHash: String) throws -> [UInt8]?
    func save(_ originHash: String, _ note: [UInt8]) throws
}

/// A directory with one file for each log.
public struct WitnessDirectory: WitnessState {
    private let path: String
    /// - Parameter path: an existing directory.
    public init(_ path: String) { self.path = path }
    public func load(_ originHash: String) throws -> [UInt8]? { try DurableFile("\(path)/\(originHash)").read() }
    public func save(_ originHash: String, _ note: [UInt8]) throws {
        try DurableFile("\(path)/\(originHash)").write(note)
    }
}

/// An answer of the witness, as HTTP sends it.
public struct WitnessResponse: Sendable, Equatable {
    public let status: Int
    public let contentType: String
    public let body: [UInt8]
    init(_ status: Int, _ body: String = "", type: String = "text/plain; charset=utf-8") {
        (self.status, contentType, self.body) = (status, type, Array(body.utf8))
    }
}

/// A tlog-witness: signs a checkpoint only if it extends, provably, the last one it signed. (C2SP tlog-witness v1.0.0)
///
/// Everything runs on one queue: checking and storing are one step for each log, and a slow disk holds up no other
/// task.
public actor Witness {
    private let signer: NoteSigner
    private let logs: [String: NoteVerifierKey]
    private let state: any WitnessState
    private let now: @Sendable () -> UInt64
    private let failpoints: Failpoints
    /// Called when the state could not be stored. A server ends its process there.
    private let onFatal: @Sendable (any Error) -> Void
    private let executor = QueueExecutor(label: "witness")

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    public nonisolated let key: NoteVerifierKey

    /// - Parameters:
    ///   - signer: a cosignature key, used for nothing else.
    ///   - logs: keys of the logs that are witnessed; a log's origin is the name of its key.
    public init(
        signer: NoteSigner, logs: [NoteVerifierKey], state: any WitnessState, now: @escaping @Sendable () -> UInt64,
        failpoints: @escaping Failpoints = { _ in }, onFatal: @escaping @Sendable (any Error) -> Void
    ) throws(LogFault) {
        guard signer.key.algorithm == .cosignature else {
            throw LogFault(.malformed, "a witness signs with a cosignature key")
        }
        (self.signer, self.state, self.now) = (signer, state, now)
        (self.failpoints, self.onFatal, key) = (failpoints, onFatal, signer.key)
        self.logs = Dictionary(logs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The file name and URL path of a log.
    public static func hash(_ origin: String) -> String { Hex.encode(SHA256.hash(data: Array(origin.utf8))) }

    /// `GET <monitoring>/<hash>/checkpoint`.
    public func checkpoint(originHash: String) -> WitnessResponse {
        guard logs.keys.contains(where: { Self.hash($0) == originHash }), let note = try? state.load(originHash) else {
            return WitnessResponse(404, "no checkpoint of such a log\n")
        }
        return WitnessResponse(200, String(decoding: note, as: UTF8.self))
    }

    /// `POST add-checkpoint`.
    public func add(_ body: [UInt8]) -> WitnessResponse {
        guard let request = try? AddCheckpoint(parsing: body), let note = try? Note(parsing: request.note),
            let next = try? Checkpoint(parsing: note.text)
        else { return WitnessResponse(400, "malformed\n") }
        guard let log = logs[next.origin] else { return WitnessResponse(404, "unknown log\n") }
        if enforced("guard:witness.log-signature") {
            guard (try? note.verify([log])) != nil else { return WitnessResponse(403, "not signed by the log\n") }
        }
        guard request.old <= next.size else { return WitnessResponse(400, "the old size is larger than the new one\n") }
        do { return try extend(log, request, note, next) } catch let fault as DurableFile.Fault where fault.leftOld {
            // A full disk, most likely: nothing was signed and nothing is lost. The log asks again.
            return WitnessResponse(500, "the witness cannot store checkpoints at the moment\n")
        } catch {
            onFatal(error)
            return WitnessResponse(500, "the witness could not store the checkpoint and stops\n")
        }
    }

    private func extend(
        _ log: NoteVerifierKey, _ request: AddCheckpoint, _ note: Note, _ next: Checkpoint
    ) throws -> WitnessResponse {
        let hash = Self.hash(next.origin)
        let stored = try state.load(hash)
        let last = try stored.map { try Checkpoint(parsing: try Note(parsing: $0).text) }
        let (size, root) = (last?.size ?? 0, last?.root ?? .emptyRoot)
        guard request.old == size else { return WitnessResponse(409, "\(size)\n", type: "text/x.tlog.size") }
        if enforced("guard:witness.consistency") {
            do {
                try Proof.verifyConsistency(
                    old: size, oldRoot: root, new: next.size, newRoot: next.root, proof: request.proof)
            } catch { return WitnessResponse(422, "the proof does not lead from the last checkpoint to this one\n") }
        }
        let line = try signer.sign(note.text, at: now())
        let own = note.signatures.filter { $0.key == log.id }
        // Stored before it is answered: a crash between the two loses an answer, never a promise.
        if next.size != size || stored == nil {
            try failpoints(.witnessAsked)
            if enforced("guard:witness.persist") {
                try state.save(hash, Note(text: note.text, signatures: own + [line]).bytes)
            }
            try failpoints(.witnessed)
        }
        return WitnessResponse(200, line.line)
    }
}

/// A serial queue as an actor's executor: blocking calls stay off Swift's cooperative threads.
package final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue
    package init(label: String) { queue = DispatchQueue(label: label) }
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

/// A witness in the same process: simulations, tests.
public struct LocalWitness: WitnessClient {
    private let witness: Witness
    public init(_ witness: Witness) { self.witness = witness }

    public func add(_ request: AddCheckpoint) async throws -> WitnessAnswer {
        try WitnessAnswer(await witness.add(request.encoded))
    }

    public func latest(origin: String) async throws -> [UInt8]? {
        let response = await witness.checkpoint(originHash: Witness.hash(origin))
        return response.status == 200 ? response.body : nil
    }
}

extension WitnessAnswer {
    /// Reads what came over HTTP.
    /// - Throws: `LogFault` `malformed` if a 200 or 409 has no readable body.
    public init(_ response: WitnessResponse) throws(LogFault) {
        try self.init(status: response.status, body: response.body)
    }

    /// - Throws: `LogFault` `malformed` if a 200 or 409 has no readable body.
    public init(status: Int, body: [UInt8]) throws(LogFault) {
        switch status {
        case 200:
            // Read as the signatures of a note, so that one parser knows their form.
            self = .cosigned(try Note(parsing: Array("-\n\n".utf8) + body).signatures)
        case 409:
            guard let text = String(validating: body, as: UTF8.self), let size = UInt64(text.dropLast()) else {
                throw LogFault(.malformed, "size of the witness")
            }
            self = .conflict(size)
        default: self = .refused(status)
        }
    }
}
