import Polymorphic

extension Messages {
    /// What is said about a code.
    static func text(_ code: ExplainedCode, _ part: CodePart) -> Text {
        switch code {
        case .node(let code): words(code)[part]
        case .fhir(let code): words(code)[part]
        case .command(let code): words(code)[part]
        }
    }

    private static func words(_ code: Refusal.Code) -> CodeWords {
        switch code {
        case .point: ProofCodes.point
        case .scalar: ProofCodes.scalar
        case .length: ProofCodes.length
        case .label: ProofCodes.label
        case .trailing: ProofCodes.trailing
        case .text: ProofCodes.text
        case .knowledge: ProofCodes.knowledge
        case .equality: ProofCodes.equality
        case .reshuffle: ProofCodes.reshuffle
        case .sameDomain: ProofCodes.sameDomain
        case .opening: ProofCodes.opening
        case .degree: ProofCodes.degree
        case .constantTerm: ProofCodes.constantTerm
        case .subshare: ProofCodes.subshare
        case .route: ExchangeCodes.route
        case .chainIncomplete: ExchangeCodes.chainIncomplete
        case .share: ExchangeCodes.share
        case .participants: ExchangeCodes.participants
        case .intent: ExchangeCodes.intent
        case .peer: ExchangeCodes.peer
        case .directory: ExchangeCodes.directory
        case .policy: ExchangeCodes.policy
        case .source: ExchangeCodes.source
        case .target: ExchangeCodes.target
        case .time: ExchangeCodes.time
        case .conflict: ExchangeCodes.conflict
        case .head: ExchangeCodes.head
        case .ledger: ExchangeCodes.ledger
        case .unavailable: ExchangeCodes.unavailable
        case .number: PersonCodes.number
        case .code: PersonCodes.code
        case .seal: PersonCodes.seal
        case .open: PersonCodes.open
        case .padding: PersonCodes.padding
        case .row: PersonCodes.row
        case .presentation: PersonCodes.presentation
        case .card: PersonCodes.card
        case .mandate: PersonCodes.mandate
        case .consent: PersonCodes.consent
        case .pending: PersonCodes.pending
        case .breakglass: PersonCodes.breakglass
        case .quota: PersonCodes.quota
        case .magic: RecordCodes.magic
        case .headerLength: RecordCodes.headerLength
        case .envelopeLength: RecordCodes.envelopeLength
        case .author: RecordCodes.author
        case .subject: RecordCodes.subject
        case .prev: RecordCodes.prev
        case .record: RecordCodes.record
        case .ticket: RecordCodes.ticket
        case .signature: RecordCodes.signature
        }
    }

    private static func words(_ code: FHIRCode) -> CodeWords {
        switch code {
        case .json: FHIRBodyCodes.json
        case .duplicateMember: FHIRBodyCodes.duplicateMember
        case .tooLarge: FHIRBodyCodes.tooLarge
        case .tooComplex: FHIRBodyCodes.tooComplex
        case .notAResource: FHIRBodyCodes.notAResource
        case .unknownType: FHIRBodyCodes.unknownType
        case .wrongType: FHIRBodyCodes.wrongType
        case .badID: FHIRBodyCodes.badID
        case .wrongID: FHIRBodyCodes.wrongID
        case .badMeta: FHIRBodyCodes.badMeta
        case .badDate: FHIRBodyCodes.badDate
        case .noSuchPath: FHIRBodyCodes.noSuchPath
        case .badMethod: FHIRBodyCodes.badMethod
        case .readOnlyType: FHIRBodyCodes.readOnlyType
        case .notAcceptable: FHIRBodyCodes.notAcceptable
        case .badMediaType: FHIRBodyCodes.badMediaType
        case .forbidden: FHIRBodyCodes.forbidden
        case .versionConflict: FHIRSearchCodes.versionConflict
        case .conflict: FHIRSearchCodes.conflict
        case .manyMatches: FHIRSearchCodes.manyMatches
        case .needsCondition: FHIRSearchCodes.needsCondition
        case .badParameter: FHIRSearchCodes.badParameter
        case .unknownParameter: FHIRSearchCodes.unknownParameter
        case .badModifier: FHIRSearchCodes.badModifier
        case .badHeader: FHIRSearchCodes.badHeader
        case .pageExpired: FHIRSearchCodes.pageExpired
        case .notABundle: FHIRSearchCodes.notABundle
        case .badEntry: FHIRSearchCodes.badEntry
        case .tooManyEntries: FHIRSearchCodes.tooManyEntries
        case .duplicateEntry: FHIRSearchCodes.duplicateEntry
        case .unresolvedReference: FHIRSearchCodes.unresolvedReference
        case .unavailable: FHIRSearchCodes.unavailable
        case .tooCostly: FHIRSearchCodes.tooCostly
        }
    }

    private static func words(_ code: CommandCode) -> CodeWords {
        switch code {
        case .wrongUse: CommandCodes.wrongUse
        case .nationalNumber: CommandCodes.nationalNumber
        case .unknownCode: CommandCodes.unknownCode
        case .noPhone: CommandCodes.noPhone
        case .phoneInUse: CommandCodes.phoneInUse
        case .phoneDamaged: CommandCodes.phoneDamaged
        case .alreadyEnrolled: CommandCodes.alreadyEnrolled
        case .notEnrolled: CommandCodes.notEnrolled
        case .countryFile: CommandCodes.countryFile
        case .officialKey: CommandCodes.officialKey
        case .unreachable: CommandCodes.unreachable
        case .deskAddress: CommandCodes.deskAddress
        case .noVisit: CommandCodes.noVisit
        case .deskRefused: CommandCodes.deskRefused
        case .deskAnswer: CommandCodes.deskAnswer
        case .noSuchConsent: CommandCodes.noSuchConsent
        case .notConfirmed: CommandCodes.notConfirmed
        case .needsYes: CommandCodes.needsYes
        case .doubts: CommandCodes.doubts
        }
    }
}
