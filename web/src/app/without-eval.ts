import { z } from 'zod'

/** zod compiles its checks with `eval` where it may; our content security policy says that it may not. */
z.config({ jitless: true })
