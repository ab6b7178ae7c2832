"""From the files that referrals arrive in to a case, and back: pure functions over bytes."""
