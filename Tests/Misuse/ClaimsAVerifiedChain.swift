// expects: initializer is inaccessible due to 'internal' protection level
import Polymorphic
import Ristretto255

func claim(_ request: ChainRequest, _ steps: [Step], _ keys: [UInt8: VerifyingKey]) throws -> VerifiedChain {
    #if MISUSE
        VerifiedChain(request, [], .zero)
    #else
        try request.verify(steps, keys: keys)
    #endif
}
