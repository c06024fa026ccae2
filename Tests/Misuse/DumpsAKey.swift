// expects: requires that 'OpeningKey' conform to 'Copyable'
import Polymorphic

func show(_ key: consuming OpeningKey) {
    #if MISUSE
        dump(key)
    #else
        dump(key.element)
    #endif
}
