import Foundation
import Guards
import Logging
import Testing

@testable import Serving

/// What stands in the log.
@Suite struct JSONLogTests {
    private static let moment = Date(timeIntervalSince1970: 1_767_571_200.125)
    private let handler = JSONLogHandler(node: "t1", now: { moment })

    private func line(_ message: String, _ metadata: Logger.Metadata = [:]) throws -> [String: Any] {
        let bytes = handler.line(.notice, message, metadata)
        #expect(bytes.last == 10 && bytes.dropLast().allSatisfy { $0 >= 0x20 } && bytes.count <= 4_096)
        return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test func aLineIsOneObject() throws {
        let text = String(decoding: handler.line(.notice, "listening", ["port": "41001"]), as: UTF8.self)
        #expect(
            text == """
                {"time":"2026-01-05T00:00:00.125Z","level":"notice","node":"t1","message":"listening","port":"41001"}

                """)
        let odd = try line("a \"quote\", a \\, a line\nand \u{1b}[31m and \u{7f}", ["cause": "x\ny"])
        #expect(odd["message"] as? String == "a \"quote\", a \\, a line\nand \u{1b}[31m and \u{7f}")
        #expect(odd["cause"] as? String == "x\ny")
    }

    @Test func noFieldThatIsNotOnTheListComesIn() throws {
        let fields: Logger.Metadata = ["patient": "p-1", "code": "consent", "time": "now", "hb.request.id": "7"]
        let kept = try line("refused", fields)
        #expect(kept["patient"] == nil && kept["code"] as? String == "consent")
        #expect(kept["time"] as? String == "2026-01-05T00:00:00.125Z" && kept["withheld"] as? Int == 2)
        try Guards.withOff("guard:serving.log-field") {
            let open = try line("refused", fields)
            #expect(open["patient"] as? String == "p-1")
        }
    }

    @Test func whatLooksLikeSomebodyIsStruckOut() throws {
        let personal = [
            "0317598642092": "*", "number 1234-5678-9012 was read": "number * was read", "山田 花子 came": "* * came",
            "x1234567890123": "x*", "key 00ffee00ffee00ffee.": "key *.", "at 12345678": "at *",
            "born 1980-01-02": "born *",
            "Ｎ１２": "*",
        ]
        for (text, struck) in personal {
            let kept = try line(text, ["cause": "\(text)"])
            #expect(kept["message"] as? String == struck && kept["cause"] as? String == struck)
            try Guards.withOff("guard:serving.log-value") {
                let open = try line(text, ["cause": "\(text)"])
                #expect(open["message"] as? String == text && open["cause"] as? String == text)
            }
        }
        // What operators need is left alone.
        for text in ["port 41001", "127.0.0.1:41001", "12.5 s, 3 of 100", "connect: ECONNREFUSED (111)", "v1.2.3 feed"]
        {
            #expect(try line(text)["message"] as? String == text)
        }
    }

    @Test func aLineIsBoundedWhateverIsLogged() throws {
        let long = String(repeating: "long ", count: 100_000)
        var fields: Logger.Metadata = [:]
        for key in JSONLogHandler.fields { fields[key] = "\(long)\u{1}" }
        let kept = try line(long, fields)
        #expect((kept["message"] as? String)?.hasSuffix("..") == true)
        #expect(kept["withheld"] as? Int == JSONLogHandler.fields.count - JSONLogHandler.fieldsMax)
        // The worst: every byte becomes six.
        let worst = String(repeating: "\u{1}", count: 2_000)
        for key in JSONLogHandler.fields { fields[key] = "\(worst)" }
        _ = try line(worst, fields)
    }

    @Test func linesOfManyThreadsDoNotMix() async throws {
        let pipe = Pipe()
        let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let reading = Task.detached { pipe.fileHandleForReading.readDataToEndOfFile() }
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    var logger = Logger(label: "test") { _ in JSONLogHandler(node: "n\(task)", sink: sink) }
                    logger[metadataKey: "kind"] = "\(task)"
                    for number in 0..<200 {
                        logger.info("\(String(repeating: "x", count: number))", metadata: ["count": "\(number)"])
                        logger.debug("not at this level")
                    }
                }
            }
        }
        try pipe.fileHandleForWriting.close()
        let lines = await reading.value.split(separator: 10)
        #expect(lines.count == 1_600)
        for line in lines {
            let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            let count = (object["count"] as? String).flatMap { Int($0) }
            #expect(count == (object["message"] as? String)?.count)
            #expect(object["node"] as? String == "n" + (object["kind"] as? String ?? ""))
        }
    }
}
