/// About steps, and around them.
extension DemoTexts {
    static func step(_ part: DemoText) -> Text {
        switch part {
        case .took: Text("実時間{time}ミリ秒、CPU {cpu}ミリ秒", "{time} ms, CPU {cpu} ms")
        case .leaves: Text("葉{leaves}、証明は合う", "leaves {leaves}, proofs hold")
        case .noLeaf: Text("本人の葉はない", "no leaf of hers")
        case .sees: Text("見えたもの", "could see")
        case .searched: Text("{bytes}バイトを調べた", "{bytes} bytes searched")
        default: Text("どれも見えない", "nothing of these")
        }
    }

    static func sight(_ part: DemoText) -> Text {
        switch part {
        case .identity: Text("登録した身元", "identity")
        case .number: Text("個人番号", "number")
        case .pseudonymA: Text("仮名A", "pseudonym at A")
        case .pseudonymB: Text("仮名B", "pseudonym at B")
        case .pseudonymCentre: Text("センタの仮名", "pseudonym at centre")
        case .header: Text("記録の種類と時期", "kind and time")
        case .content: Text("記録の中身", "content")
        case .asker: Text("求めた機関", "who asks")
        default: Text("目的", "what for")
        }
    }

    static func end(_ part: DemoText) -> Text {
        switch part {
        case .table:
            Text(
                "だれが何を見たか。すべての保管場所、送った内容、受け取った内容を調べました。",
                "Who could see what: every store and everything sent and received was searched.")
        case .tableNote:
            Text("+ は見つかったもの、- は見つからなかったもの", "+ is what was found, - what was not")
        case .unsearchable:
            Text(
                "この中身は短いか、同じ字ばかりです。見えたかどうかは調べられません（?）。",
                "This content is too short or too uniform to search for: whether anybody saw it is not known (?).")
        case .disk:
            Text(
                "{count}個のファイル（{bytes}バイト）とログを調べました。封のないものは{records}件です。置いてみた写しは見つかりました。",
                "On disk, {count} files of {bytes} bytes, logs included: unsealed finds {records}. A planted copy was found."
            )
        default: Text("{count}の確かめは、すべて合いました。", "All {count} checks held.")
        }
    }

    static func next(_ part: DemoText) -> Text {
        switch part {
        case .nextUp:
            Text(
                ".build/debug/warifu up --home フォルダ：国を動かし続けます。docs/interfaces.mdに説明があります。",
                ".build/debug/warifu up --home FOLDER   keeps such a country running (docs/interfaces.md)")
        case .nextCitizen:
            Text(
                ".build/debug/warifu citizen --help：電話を一つずつ自分で動かします。",
                ".build/debug/warifu citizen --help   lets you be the person: enrol, consent, read your history")
        case .next: Text("次に試すこと", "What to try next")
        case .nextTest:
            Text(
                "make test：証明と攻撃をすべて走らせます。",
                "make test   runs all proofs and attacks")
        case .nextData:
            Text(
                "make demo ARGS=\"--data ファイル\"：自分のファイルを預けます。",
                "make demo ARGS=\"--data FILE\"   deposits a file of yours")
        case .nextBench:
            Text(
                "make bench ONLY=exchange：一回のやりとりの速さを測ります。",
                "make bench ONLY=exchange   measures what one exchange costs")
        case .nextServices:
            Text(
                "docs/services.md：九つのサービスを読めます。",
                "docs/services.md   describes the nine services")
        default:
            Text(
                "docs/PROTOCOL.md：なぜ安全かを説明します。",
                "docs/PROTOCOL.md   says why it holds")
        }
    }

    static func fault(_ part: DemoText) -> Text {
        switch part {
        case .didNotHold:
            Text(
                "デモの確かめが合いませんでした：{reason}。この結果を信用せず、make testを走らせてください。",
                "A check of the demonstration did not hold: {reason}. Do not trust this build; run make test.")
        case .stopped:
            Text(
                "デモが途中で止まりました：{reason}。make testを走らせてください。",
                "The demonstration stopped: {reason}. Run make test.")
        case .dataPacked:
            Text(
                "{file}は圧縮されています。gunzipで展開してから指定してください。",
                "{file} is packed. Unpack it with gunzip first.")
        case .dataBundle:
            Text(
                "{file}は、患者一人のFHIRのtransactionではありません。そのようなBundleを指定してください。",
                "{file} is no FHIR transaction about one patient. Name such a Bundle, as JSON.")
        case .dataSensitive:
            Text(
                "{file}に、別の同意が要る種類の資源が{count}件あります。除いたBundleを指定してください。",
                "{file} has {count} resources of kinds that need a consent of their own. Name a Bundle without them.")
        case .dataMissing:
            Text(
                "ファイル{file}がありません。あるファイルを指定するか、--dataを外してください。",
                "There is no file {file}. Name one that is there, or leave --data out.")
        case .dataNoFile:
            Text(
                "{file}はファイルではありません。ふつうのファイルを指定してください。",
                "{file} is no file. Name a plain file.")
        case .dataUnreadable:
            Text(
                "ファイル{file}を読めません。読む権限を確かめてください。",
                "The file {file} cannot be read. Check that you may read it.")
        case .dataEmpty:
            Text(
                "ファイル{file}は空です。中身のあるファイルを指定してください。",
                "The file {file} is empty. Name one with something in it.")
        default:
            Text(
                "ファイル{file}は{bytes}バイトで、上限の{limit}バイトを超えます。小さいファイルに分けてください。",
                "The file {file} has {bytes} bytes, more than the {limit} allowed. Split it into smaller files.")
        }
    }
}
