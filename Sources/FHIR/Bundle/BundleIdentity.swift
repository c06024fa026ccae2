/// Gives the resources that a bundle creates their ids, out of what they are: the same bundle sent again names the same
/// resources, so that nothing is kept twice.
///
/// An id is a keyed hash over type, `fullUrl` and content, in which every reference to another new resource of the
/// bundle stands as that one's id. Two resources therefore have one id only if everything that can be reached from them
/// is the same: a client that uses `urn:uuid:..1` in each of its bundles mixes up no patients. References may go in
/// circles; what is in one circle is hashed together.
struct BundleIdentity {
    let hash: KeyedHash

    struct Item {
        let resource: Resource
        let fullURL: String?
        let ordinal: Int
    }

    /// - Parameters:
    ///   - items: what is to be created.
    ///   - owner: the item that an address belongs to.
    ///   - fixed: addresses that are known already.
    /// - Returns: the ids, in the order of the items.
    func ids(of items: [Item], owner: [String: Int], fixed: [String: String]) -> [String] {
        let targets = items.map { item in
            var found: Set<Int> = []
            _ = ResourceText.edits(in: item.resource.json) { address in
                if let index = owner[address] { found.insert(index) }
                return nil
            }
            return found.sorted()
        }
        var ids = [String?](repeating: nil, count: items.count)
        for circle in Self.circles(targets) {
            let digests = circle.map { index in
                digest(items[index]) { address in
                    if let fixed = fixed[address] { return fixed }
                    return owner[address].flatMap { owner in
                        ids[owner].map { "\(items[owner].resource.type)/\($0)" }
                    }
                }
            }
            let whole = circle.count == 1 ? [] : digests.sorted { $0.lexicographicallyPrecedes($1) }
            for (index, digest) in zip(circle, digests) {
                ids[index] = FHIREngine.hex(hash(Self.message([digest] + whole)).prefix(16))
            }
        }
        return ids.map { $0 ?? "" }
    }

    private func digest(_ item: Item, _ resolve: (String) -> String?) -> [UInt8] {
        hash(
            Self.message([
                Array(item.resource.type.name.utf8), Array((item.fullURL ?? "").utf8),
                Array(String(item.ordinal).utf8),
                item.resource.content(ResourceText.edits(in: item.resource.json, resolve)),
            ]))
    }

    /// Parts with their lengths: two different lists never make one message.
    private static func message(_ parts: [[UInt8]]) -> [UInt8] {
        var out = Array("fhir-id-1".utf8)
        for part in parts { out += Array("/\(part.count)/".utf8) + part }
        return out
    }

    /// The circles of a graph (strongly connected components), each after those that it points at. R. Tarjan's
    /// algorithm, without recursion.
    static func circles(_ targets: [[Int]]) -> [[Int]] {
        var (order, low) = ([Int?](repeating: nil, count: targets.count), [Int](repeating: 0, count: targets.count))
        var (onStack, stack) = ([Bool](repeating: false, count: targets.count), [Int]())
        var (circles, counter) = ([[Int]](), 0)
        for root in targets.indices where order[root] == nil {
            var path: [(node: Int, next: Int)] = [(root, 0)]
            while let (node, next) = path.last {
                if next == 0 {
                    (order[node], low[node]) = (counter, counter)
                    counter += 1
                    stack.append(node)
                    onStack[node] = true
                }
                if next < targets[node].count {
                    path[path.count - 1].next += 1
                    let target = targets[node][next]
                    if let seen = order[target] {
                        if onStack[target] { low[node] = min(low[node], seen) }
                    } else {
                        path.append((target, 0))
                    }
                    // A node with no unseen target left must not be entered again.
                    continue
                }
                path.removeLast()
                if let parent = path.last?.node { low[parent] = min(low[parent], low[node]) }
                guard low[node] == order[node] else { continue }
                var circle: [Int] = []
                while let member = stack.popLast() {
                    onStack[member] = false
                    circle.append(member)
                    if member == node { break }
                }
                circles.append(circle.sorted())
            }
        }
        return circles
    }
}
