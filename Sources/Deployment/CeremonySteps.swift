import Exchanges
import TransparencyLog
import Polymorphic
import Ristretto255
import Transcryptor

/// The dealings of the halves of all steps that one transcryptor holds. Their states cannot be copied, hence a class.
final class CeremonySteps {
    /// One step and how far its dealing has come.
    private final class One {
        let step: RouteStep
        let roll: StepCeremony.Roll
        var drawn: StepCeremony.Drawn?
        var revealed: StepCeremony.Revealed?

        init(_ step: RouteStep, _ roll: StepCeremony.Roll) { (self.step, self.roll) = (step, roll) }
    }

    private let index: UInt8
    private let opening: OpeningKey
    private let all: [One]

    /// - Throws: `DeploymentFault.file` for a damaged plan; `knowledge` for a card whose Z is not its own.
    init(_ plan: CeremonyFolder.Plan, _ index: UInt8, _ secrets: SecretFields) throws {
        self.index = index
        opening = OpeningKey(try secrets.scalar(SecretPlace.opening))
        let steps = Route.production.steps
        guard plan.steps.count == steps.count else { throw DeploymentFault.file("ceremony.json is damaged") }
        all = try zip(steps, plan.steps).compactMap { step, ceremony in
            guard step.holders.contains(index) else { return nil }
            guard let id = Hex.decode(ceremony).flatMap({ Bytes16($0) }) else {
                throw DeploymentFault.file("ceremony.json is damaged")
            }
            let keys = try step.holders.map { ($0, try plan.cards[Int($0) - 1].partyKey()) }
            return One(
                step,
                try StepCeremony.Roll(ceremony: id, step: step, recipients: Dictionary(uniqueKeysWithValues: keys)))
        }
    }

    func draw(_ random: some RandomSource) throws {
        for one in all { one.drawn = try StepCeremony.Drawn(one.roll, index: index, from: random) }
    }

    /// `list(list(step, opening 64), ..)`.
    var openings: [UInt8] {
        Wire.list(all.map { Wire.list([$0.step.id.bytes, $0.drawn?.opening.bytes ?? []]) })
    }

    /// - Parameter openings: of all participants.
    /// - Returns: `list(list(step, holder, box), ..)`.
    func reveal(_ openings: [UInt8: [UInt8]], _ random: some RandomSource) throws -> [UInt8] {
        var boxes: [[UInt8]] = []
        for one in all {
            guard let drawn = one.drawn.take() else { throw Refusal(.participants) }
            var known: [UInt8: Bytes64] = [:]
            for (holder, bytes) in openings {
                for listed in try Wire.elements(of: bytes, maximum: 255) {
                    let fields = try Wire.fields(of: listed, 2)
                    if fields[0] == one.step.id.bytes { known[holder] = try Wire.fixed(fields[1]) }
                }
            }
            let revealed = try drawn.reveal(after: known, sender: opening.secretCopy(), from: random)
            for (holder, box) in revealed.boxes.sorted(by: { $0.key < $1.key }) {
                boxes.append(Wire.list([one.step.id.bytes, [holder], box]))
            }
            one.revealed = consume revealed
        }
        return Wire.list(boxes)
    }

    /// - Parameter boxes: of all participants.
    /// - Returns: the secrets of the held steps, in the order of the route.
    func finish(_ boxes: [UInt8: [UInt8]], forbidden: [Element]) throws -> [HeldStep] {
        var held: [HeldStep] = []
        for one in all {
            guard let revealed = one.revealed.take() else { throw Refusal(.participants) }
            var mine: [UInt8: [UInt8]] = [:]
            for (sender, bytes) in boxes {
                for listed in try Wire.elements(of: bytes, maximum: 255) {
                    let fields = try Wire.fields(of: listed, 3)
                    if fields[0] == one.step.id.bytes, fields[1] == [index] { mine[sender] = fields[2] }
                }
            }
            held.append(HeldStep(try revealed.finish(mine, with: opening, forbidden: forbidden)))
        }
        return held
    }
}
