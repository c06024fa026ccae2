// expects: 'sealer' consumed more than once
import Polymorphic
import Ristretto255

func twice(_ sealer: consuming EnvelopeSealer, _ signer: borrowing SigningKey) throws {
    #if MISUSE
        _ = try sealer.seal([1], signer: signer)
        _ = try sealer.seal([2], signer: signer)  // the same content key and nonce for two texts
    #else
        _ = try sealer.seal([1], signer: signer)
    #endif
}
