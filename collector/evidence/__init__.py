"""What an auditor accepts: availability in whole seconds, sealed day by day, and refunds owed.

Pure: `moments spells lines schedule tally faults clocks record terms refund dates`. Stores:
`sources seals`. What acts: `sealer gather build sheets verify cli`.
"""
