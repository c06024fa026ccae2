// expects: missing argument label
import Polymorphic
import Ristretto255

func keep(_ element: Element, _ received: Pseudonym) -> Pseudonym {
    #if MISUSE
        Pseudonym(element)
    #else
        received
    #endif
}
