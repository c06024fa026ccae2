/// Places where a crash or a fault is worth trying. Names, for tests and for the child process that is killed there.
public enum Failpoint: String, CaseIterable, Sendable {
    /// Leaves were taken from the pool; nothing is open.
    case flushBegin
    /// The head is locked.
    case headLocked
    /// Indices are assigned, the tree is extended in memory.
    case sequenced
    /// The new head is signed in memory.
    case headSigned
    /// Leaves, tiles, records and head are written into the open transaction.
    case written
    /// COMMIT has returned.
    case committed
    /// Half of the answers are out.
    case halfAnswered
    /// All answers are out.
    case answered
    /// The witnesses were asked; no answer was used yet.
    case witnessAsked
    /// The quorum is there; the checkpoint is not yet served.
    case witnessed
    /// The checkpoint is served, and not yet stored as published.
    case published
    /// The published checkpoint is stored.
    case publishedStored
}

/// Called at each failpoint; throws to make the step fail there. In production it does nothing.
public typealias Failpoints = @Sendable (Failpoint) throws -> Void
