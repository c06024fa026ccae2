import Polymorphic

/// What goes wrong with one message.
public enum MessageFault: Hashable, Sendable {
    /// It never arrives.
    case dropped
    /// It arrives, and the answer does not.
    case answerDropped
    /// It arrives twice; the second time so many milliseconds later.
    case duplicated(afterMilliseconds: UInt64)
    /// It arrives so many milliseconds later. Longer than the caller waits, it comes behind its own repetition.
    case delayed(milliseconds: UInt64)
    /// Its receiver crashes before it reads it, and starts again after so many milliseconds.
    case receiverCrashesBefore(forMilliseconds: UInt64)
    /// Its receiver carries it out, crashes before it answers, and starts again.
    case receiverCrashesAfter(forMilliseconds: UInt64)
    /// Its sender crashes when it has sent it, and starts again.
    case senderCrashes(forMilliseconds: UInt64)
}

/// What goes wrong in a run: by the number of the message, from 0.
public struct FaultPlan: Sendable {
    public var messages: [Int: MessageFault]
    /// By node: at which of its commits, from 0, it crashes; before or after the commit.
    public var commits: [PartyID: (commit: Int, after: Bool)]

    public init(messages: [Int: MessageFault] = [:], commits: [PartyID: (commit: Int, after: Bool)] = [:]) {
        (self.messages, self.commits) = (messages, commits)
    }

    public static let none = FaultPlan()

    /// Several faults from a seed, among the first `count` messages.
    public static func random(seed: UInt64, faults: Int, among count: Int) -> FaultPlan {
        var (plan, state) = (FaultPlan(), seed)
        func next(_ bound: UInt64) -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
            return (z ^ z >> 31) % bound
        }
        for _ in 0..<faults {
            let time = 200 + next(12_000)
            let fault: MessageFault =
                switch next(7) {
                case 0: .dropped
                case 1: .answerDropped
                case 2: .duplicated(afterMilliseconds: time)
                case 3: .delayed(milliseconds: time)
                case 4: .receiverCrashesBefore(forMilliseconds: time)
                case 5: .receiverCrashesAfter(forMilliseconds: time)
                default: .senderCrashes(forMilliseconds: time)
                }
            plan.messages[Int(next(UInt64(max(count, 1))))] = fault
        }
        return plan
    }
}
