import Exchanges
import Ristretto255
import Testing

/// One at a time, in their order, and nobody is forgotten.
@Suite struct TurnTests {
    @Test func oneAtATime() async {
        let turn = Turn()
        let state = Locked<(inside: Int, most: Int, passed: Int)>((0, 0, 0))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    await turn.enter()
                    state.withLock { state in
                        state.inside += 1
                        state.most = max(state.most, state.inside)
                    }
                    await Task.yield()
                    state.withLock { state in
                        state.inside -= 1
                        state.passed += 1
                    }
                    turn.leave()
                }
            }
        }
        #expect(state.withLock { $0.most } == 1)
        #expect(state.withLock { $0.passed } == 200)
    }

    @Test func afterAllHaveLeftItIsFree() async {
        let turn = Turn()
        for _ in 0..<3 {
            await turn.enter()
            turn.leave()
        }
    }
}
