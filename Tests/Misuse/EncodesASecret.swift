// expects: conform to 'Encodable'
import Foundation
import Polymorphic
import Ristretto255

func store(_ pseudonym: Pseudonym, _ ticket: Ticket) throws -> Data {
    #if MISUSE
        try JSONEncoder().encode(pseudonym)
    #else
        try JSONEncoder().encode(ticket.bytes)
    #endif
}
