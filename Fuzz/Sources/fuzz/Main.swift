import CFuzz
import Foundation

/// The target that this process runs, set once before the first input.
nonisolated(unsafe) private var chosen: FuzzTarget?  // unsafe: written before the driver starts, one thread

/// `fuzz --list`, `fuzz --seeds VECTORS FOLDER`, or `fuzz TARGET [arguments of libFuzzer]`.
///
/// SwiftPM links an executable with its entry at `<module>_main`, so this module gives that symbol itself and hands
/// over to libFuzzer's driver.
@_cdecl("fuzz_main")
public func main(_ count: Int32, _ values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Int32 {
    let arguments = (0..<Int(count)).compactMap { values?[$0].map { String(cString: $0) } }
    switch arguments.dropFirst().first {
    case "--list":
        FuzzTarget.all.forEach { print($0.name, $0.maximumBytes) }
        return 0
    case "--seeds" where arguments.count == 4:
        do {
            try Seeds.write(from: URL(filePath: arguments[2]), into: URL(filePath: arguments[3]))
            return 0
        } catch {
            print("seeds: \(error)")
            return 1
        }
    case let name?:
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else { break }
        chosen = target
        // libFuzzer must not see the name of the target: it would take it for a folder of inputs.
        for index in 1..<Int(count) { values?[index] = values?[index + 1] }
        var (count, values) = (count - 1, values)
        return LLVMFuzzerRunDriver(&count, &values) { runOne($0, $1) }
    case nil: break
    }
    print("usage: fuzz --list | --seeds VECTORS FOLDER | TARGET [arguments of libFuzzer]")
    return 2
}

/// One input; the driver calls it, and the runtime of the sanitizer looks for the name.
@_cdecl("LLVMFuzzerTestOneInput")
public func runOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    chosen?.run([UInt8](UnsafeRawBufferPointer(start: data, count: count)))
    return 0
}
