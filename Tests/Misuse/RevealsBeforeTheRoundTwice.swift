// expects: 'round' consumed more than once
import Polymorphic

typealias Run = KeyCeremony<PSN>

func again(_ round: consuming Run.Statement, _ statements: [UInt8: Run.Signed]) throws {
    #if MISUSE
        _ = try round.reveal(after: statements)
        _ = try round.reveal(after: [:])
    #else
        _ = try round.reveal(after: statements)
    #endif
}
